from django.urls import path

from sessions_app.views import session, session_close, session_edit, session_life, session_participants

urlpatterns = [
    path("sessions/", session.session_list, name="session_list"),
    path("sessions/new/", session_edit.session_create, name="session_create"),
    path("plan-items/<int:pk>/session/", session_edit.session_from_item, name="session_from_item"),
    path("sessions/<int:pk>/", session.session_detail, name="session_detail"),
    path("sessions/<int:pk>/edit/", session_edit.session_edit, name="session_edit"),
    path("sessions/<int:pk>/participants/", session_participants.session_participants, name="session_participants"),
    path(
        "sessions/<int:pk>/participants/same/",
        session_participants.session_participants_same,
        name="session_participants_same",
    ),
    path("sessions/<int:pk>/participants/guest/", session_participants.session_guest, name="session_guest"),
    path("sessions/<int:pk>/call/", session_life.session_call, name="session_call"),
    path("sessions/<int:pk>/close/", session_close.session_close, name="session_close"),
    path("sessions/call/", session_life.session_call_many, name="session_call_many"),
    path("sessions/<int:pk>/archive/", session_life.session_archive, name="session_archive"),
    path("sessions/<int:pk>/unarchive/", session_life.session_unarchive, name="session_unarchive"),
    path("sessions/<int:pk>/reopen/", session_life.session_reopen, name="session_reopen"),
    path("sessions/<int:pk>/notice/", session_life.session_notify_again, name="session_notify_again"),
    path("sessions/<int:pk>/discard/", session_life.session_discard, name="session_discard"),
]
