from django.urls import path

from reviews.views import compare, delegation, review

urlpatterns = [
    path("reviews/", review.review_list, name="review_list"),
    path("reviews/<int:pk>/", review.review_detail, name="review_detail"),
    path("reviews/<int:pk>/versions/<int:number>/", review.review_version, name="review_version"),
    path("reviews/<int:pk>/compare/", compare.review_compare, name="review_compare"),
    path("reviews/<int:pk>/sheet/", review.review_sheet, name="review_sheet"),
    path("reviews/<int:pk>/sheet.docx", review.review_sheet_word, name="review_sheet_word"),
    path("reviews/<int:pk>/pass/", review.review_pass, name="review_pass"),
    path("reviews/<int:pk>/return/", review.review_return, name="review_return"),
    path("reviews/<int:pk>/withdraw/", review.review_withdraw, name="review_withdraw"),
    path("delegations/", delegation.delegation_list, name="delegation_list"),
    path("delegations/new/", delegation.delegation_create, name="delegation_create"),
    path("delegations/<int:pk>/end/", delegation.delegation_end, name="delegation_end"),
]
