from django.urls import path

from sessions_app.views import observation, observation_problem

urlpatterns = [
    path("observations/", observation.observation_list, name="observation_list"),
    path("observations/new/", observation.observation_new, name="observation_new"),
    path("observations/<int:pk>/", observation.observation_detail, name="observation_detail"),
    path("observations/<int:pk>/edit/", observation.observation_edit, name="observation_edit"),
    path("observations/<int:pk>/cancel/", observation.observation_cancel, name="observation_cancel"),
    path("observations/<int:pk>/feedback/", observation.observation_feedback, name="observation_feedback"),
    path("observations/<int:pk>/print/", observation.observation_print, name="observation_print"),
    path(
        "observations/problems/<int:pk>/measure/",
        observation_problem.observation_problem_measure,
        name="observation_problem_measure",
    ),
    path(
        "observations/problems/<int:pk>/close/",
        observation_problem.observation_problem_close,
        name="observation_problem_close",
    ),
]
