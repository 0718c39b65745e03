from django.urls import path

from sessions_app.views import attendance, kiosk, reconcile, screen, sign_in

urlpatterns = [
    path("sessions/<int:pk>/sign-in/", sign_in.sign_in, name="sign_in"),
    path("sessions/<int:pk>/register/", attendance.register, name="register"),
    path("sessions/<int:pk>/register/live/", attendance.register_live, name="register_live"),
    path("sessions/<int:pk>/register/attempts/", attendance.register_attempts, name="register_attempts"),
    path("sessions/<int:pk>/register/paper/", reconcile.register_reconcile, name="register_reconcile"),
    path("sessions/<int:pk>/register/kiosk/", kiosk.register_kiosk, name="register_kiosk"),
    path("sessions/<int:pk>/register/kiosk/stop/", kiosk.register_kiosk_stop, name="register_kiosk_stop"),
    path("sessions/<int:pk>/sheet/", reconcile.sign_in_sheet, name="sign_in_sheet"),
    path("sessions/<int:pk>/screen/", screen.screen, name="screen"),
    path("sessions/<int:pk>/screen/live/", screen.screen_live, name="screen_live"),
    path("s/<int:pk>/<str:token>/", sign_in.sign_in_scan, name="sign_in_scan"),
    path("kiosk/<str:token>/", kiosk.kiosk, name="kiosk"),
]
