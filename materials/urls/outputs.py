from django.urls import path

from materials.views import registers

urlpatterns = [
    path("submissions/register.xlsx", registers.submission_register, name="submission_register"),
]
