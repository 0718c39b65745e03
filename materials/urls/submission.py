from django.urls import path

from materials.views import approved_paper, autosave, submission, submission_files

urlpatterns = [
    path("submissions/", submission.submission_list, name="submission_list"),
    path("submissions/new/", submission.submission_create, name="submission_create"),
    path("submissions/from-document/", submission_files.submission_from_document, name="submission_from_document"),
    path("submissions/from-photos/", submission_files.submission_from_photos, name="submission_from_photos"),
    path("submissions/<int:pk>/photos/", submission_files.submission_photos, name="submission_photos"),
    path("submissions/enter/", submission.submission_enter, name="submission_enter"),
    path("submissions/autosave/", autosave.submission_autosave_new, name="submission_autosave_new"),
    path("submissions/autosave/as/", autosave.writing_as, name="writing_as"),
    path("submissions/<int:pk>/autosave/", autosave.submission_autosave, name="submission_autosave"),
    path("submissions/<int:pk>/", submission.submission_detail, name="submission_detail"),
    path("submissions/<int:pk>/edit/", submission.submission_edit, name="submission_edit"),
    path("submissions/<int:pk>/receipt/", submission.submission_receipt, name="submission_receipt"),
    path("submissions/<int:pk>/print/", approved_paper.submission_print, name="submission_print"),
    path("submissions/<int:pk>/word/", approved_paper.submission_word, name="submission_word"),
    path("submissions/<int:pk>/withdraw/", submission.submission_withdraw, name="submission_withdraw"),
    path("submissions/<int:pk>/discard/", submission.submission_discard, name="submission_discard"),
    path("submissions/of-case/<int:case_id>/", submission.submission_of_case, name="submission_of_case"),
    path("files/<int:pk>/", submission.submission_file, name="submission_file"),
]
