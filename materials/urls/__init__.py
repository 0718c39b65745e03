from materials.urls import library, likeness, outputs, paper_request, personal_study, publicity, submission

urlpatterns = [
    *outputs.urlpatterns,
    *submission.urlpatterns,
    *paper_request.urlpatterns,
    *library.urlpatterns,
    *likeness.urlpatterns,
    *publicity.urlpatterns,
    *personal_study.urlpatterns,
]
