from django.urls import path

from sessions_app.views import leave as views

urlpatterns = [
    path("sessions/<int:pk>/leave/", views.leave_ask, name="leave_ask"),
    path("leave/", views.leave_list, name="leave_list"),
    path("leave/<int:pk>/decide/", views.leave_decide, name="leave_decide"),
]
