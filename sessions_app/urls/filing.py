from django.urls import path

from sessions_app.views import filing as views

urlpatterns = [
    path("filings/", views.filing_list, name="filing_list"),
    path("filings/new/", views.filing_new, name="filing_new"),
    path("filings/<int:pk>/edit/", views.filing_edit, name="filing_edit"),
    path("filings/<int:pk>/remove/", views.filing_remove, name="filing_remove"),
    path("filings/<int:pk>/receipt/", views.filing_receipt, name="filing_receipt"),
]
