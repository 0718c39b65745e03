from django.urls import path

from sessions_app.views import session as views

urlpatterns = [
    path("sessions/", views.session_list, name="session_list"),
    path("sessions/new/", views.session_create, name="session_create"),
    path("plan-items/<int:pk>/session/", views.session_from_item, name="session_from_item"),
    path("sessions/<int:pk>/", views.session_detail, name="session_detail"),
    path("sessions/<int:pk>/edit/", views.session_edit, name="session_edit"),
    path("sessions/<int:pk>/participants/", views.session_participants, name="session_participants"),
    path("sessions/<int:pk>/call/", views.session_call, name="session_call"),
    path("sessions/<int:pk>/close/", views.session_close, name="session_close"),
    path("sessions/<int:pk>/reopen/", views.session_reopen, name="session_reopen"),
    path("sessions/<int:pk>/discard/", views.session_discard, name="session_discard"),
    path("sessions/<int:pk>/record/", views.session_record, name="session_record"),
]
