from django.urls import path

from sessions_app.views import attendance as views

urlpatterns = [
    path("sessions/<int:pk>/register/", views.register, name="register"),
    path("sessions/<int:pk>/register/live/", views.register_live, name="register_live"),
    path("sessions/<int:pk>/sheet/", views.sign_in_sheet, name="sign_in_sheet"),
    path("sessions/<int:pk>/screen/", views.screen, name="screen"),
    path("sessions/<int:pk>/screen/live/", views.screen_live, name="screen_live"),
    path("sessions/<int:pk>/sign-in/", views.sign_in, name="sign_in"),
    path("s/<int:pk>/<str:token>/", views.sign_in_scan, name="sign_in_scan"),
]
