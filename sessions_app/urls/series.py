from django.urls import path

from sessions_app.views import series

urlpatterns = [
    path("sessions/series/new/", series.series_new, name="series_new"),
    path("sessions/series/<int:pk>/", series.series_detail, name="series_detail"),
]
