from django.urls import path

from materials.views import booklet, outcome, registers

urlpatterns = [
    path("submissions/register.xlsx", registers.submission_register, name="submission_register"),
    path("outcomes/", outcome.outcome_list, name="outcome_list"),
    path("outcomes/register.xlsx", outcome.outcome_register, name="outcome_register"),
    path("outcomes/new/", outcome.outcome_new, name="outcome_new"),
    path("outcomes/<int:pk>/edit/", outcome.outcome_edit, name="outcome_edit"),
    path("outcomes/<int:pk>/remove/", outcome.outcome_remove, name="outcome_remove"),
    path("submissions/booklets/", booklet.booklet_list, name="booklet_list"),
    path("submissions/booklets/new/", booklet.booklet_new, name="booklet_new"),
    path("submissions/booklets/<int:pk>/file/", booklet.booklet_file, name="booklet_file"),
    path("submissions/booklets/<int:pk>/remove/", booklet.booklet_remove, name="booklet_remove"),
]
