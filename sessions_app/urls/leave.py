from django.urls import path

from sessions_app.views import leave as views
from sessions_app.views import leave_register

urlpatterns = [
    path("sessions/<int:pk>/leave/", views.leave_ask, name="leave_ask"),
    path("sessions/<int:pk>/leave/enter/", views.leave_enter, name="leave_enter"),
    path("leave/", views.leave_list, name="leave_list"),
    path("leave/register/", leave_register.leave_register, name="leave_register"),
    path("leave/register/workbook/", leave_register.leave_register_workbook, name="leave_register_workbook"),
    path("leave/<int:pk>/withdraw/", views.leave_withdraw, name="leave_withdraw"),
    path("leave/<int:pk>/decide/", views.leave_decide, name="leave_decide"),
    path("leave/<int:pk>/change/", views.leave_change, name="leave_change"),
]
