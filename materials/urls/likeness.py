from django.urls import path

from materials.views import likeness

urlpatterns = [
    path("submissions/<int:pk>/check/", likeness.submission_check, name="submission_check"),
    path("submissions/<int:pk>/likeness/", likeness.submission_likeness, name="submission_likeness"),
    path("submissions/<int:pk>/likeness/again/", likeness.submission_likeness_again, name="submission_likeness_again"),
    path(
        "submissions/<int:pk>/likeness/<int:number>/",
        likeness.submission_likeness_mark,
        name="submission_likeness_mark",
    ),
    path("materials/likeness/", likeness.likeness_rule, name="likeness_rule"),
]
