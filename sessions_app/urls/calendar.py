from django.urls import path

from sessions_app.views import calendar

urlpatterns = [
    path("sessions/<int:pk>/calendar.ics", calendar.session_calendar, name="session_calendar"),
    path("calendar/<str:key>.ics", calendar.calendar_feed, name="calendar_feed"),
    path("me/calendar/", calendar.my_calendar, name="my_calendar"),
    path("me/calendar/renew/", calendar.my_calendar_renew, name="my_calendar_renew"),
    path("me/calendar/revoke/", calendar.my_calendar_revoke, name="my_calendar_revoke"),
]
