from django.urls import path

from materials.views import wording as views

urlpatterns = [
    path("materials/wording/", views.wording_list, name="wording_list"),
    path("materials/wording/new/", views.wording_new, name="wording_new"),
    path("materials/wording/entries/<int:pk>/edit/", views.wording_edit, name="wording_edit"),
    path("materials/wording/entries/<int:pk>/retire/", views.wording_retire, name="wording_retire"),
    path("materials/wording/entries/<int:pk>/restore/", views.wording_restore, name="wording_restore"),
    path("materials/wording/editions/", views.wording_edition_list, name="wording_edition_list"),
    path("materials/wording/editions/<int:pk>/", views.wording_edition, name="wording_edition"),
    path("materials/wording/export/", views.wording_export, name="wording_export"),
    path("materials/wording/try/", views.wording_try, name="wording_try"),
    path("submissions/<int:pk>/wording/", views.submission_wording, name="submission_wording"),
]
