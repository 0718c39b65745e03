from django.urls import path

from materials.views import submission

urlpatterns = [
    path("submissions/", submission.submission_list, name="submission_list"),
    path("submissions/new/", submission.submission_create, name="submission_create"),
    path("submissions/<int:pk>/", submission.submission_detail, name="submission_detail"),
    path("submissions/<int:pk>/edit/", submission.submission_edit, name="submission_edit"),
    path("submissions/<int:pk>/withdraw/", submission.submission_withdraw, name="submission_withdraw"),
    path("submissions/<int:pk>/discard/", submission.submission_discard, name="submission_discard"),
    path("submissions/of-case/<int:case_id>/", submission.submission_of_case, name="submission_of_case"),
    path("files/<int:pk>/", submission.submission_file, name="submission_file"),
]
