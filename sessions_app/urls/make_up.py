from django.urls import path

from sessions_app.views import make_up

urlpatterns = [
    path("make-ups/", make_up.make_up_list, name="make_up_list"),
    path("make-ups/<int:pk>/", make_up.make_up_detail, name="make_up_detail"),
    path("make-ups/<int:pk>/judge/", make_up.make_up_judge, name="make_up_judge"),
]
