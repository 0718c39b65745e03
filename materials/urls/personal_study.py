from django.urls import path

from materials.views import personal_study as views

urlpatterns = [
    path("study/", views.study_list, name="study_list"),
    path("study/new/", views.study_new, name="study_new"),
    path("study/<int:pk>/edit/", views.study_edit, name="study_edit"),
    path("study/<int:pk>/remove/", views.study_remove, name="study_remove"),
    path("study/group/", views.study_overview, name="study_overview"),
    path("study/group/new/", views.study_enter, name="study_enter"),
]
