from django.urls import path

from reviews.views import bulk, case, compare, delegation, notes, queue, verdict

urlpatterns = [
    path("reviews/", queue.review_list, name="review_list"),
    path("reviews/start/", queue.review_start, name="review_start"),
    path("reviews/round/", queue.review_round, name="review_round"),
    path("reviews/bulk/", bulk.review_bulk, name="review_bulk"),
    path("reviews/bulk/done/", bulk.review_bulk_done, name="review_bulk_done"),
    path("reviews/<int:pk>/", case.review_detail, name="review_detail"),
    path("reviews/<int:pk>/versions/<int:number>/", case.review_version, name="review_version"),
    path("reviews/<int:pk>/compare/", compare.review_compare, name="review_compare"),
    path("reviews/<int:pk>/sheet/", case.review_sheet, name="review_sheet"),
    path("reviews/<int:pk>/sheet.docx", case.review_sheet_word, name="review_sheet_word"),
    path("reviews/<int:pk>/pass/", verdict.review_pass, name="review_pass"),
    path("reviews/<int:pk>/return/", verdict.review_return, name="review_return"),
    path("reviews/<int:pk>/skip/", queue.review_skip, name="review_skip"),
    path("reviews/<int:pk>/undo/", verdict.review_undo, name="review_undo"),
    path("reviews/<int:pk>/withdraw/", verdict.review_withdraw, name="review_withdraw"),
    path("reviews/<int:pk>/override/", verdict.review_override, name="review_override"),
    path("reviews/<int:pk>/ratify/", verdict.review_ratify, name="review_ratify"),
    path("reviews/<int:pk>/notes/", notes.review_note, name="review_note"),
    path("delegations/", delegation.delegation_list, name="delegation_list"),
    path("delegations/new/", delegation.delegation_create, name="delegation_create"),
    path("delegations/<int:pk>/end/", delegation.delegation_end, name="delegation_end"),
]
