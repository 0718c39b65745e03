from materials.urls import library, likeness, outputs, paper_kind, personal_study, publicity, submission

urlpatterns = [
    *outputs.urlpatterns,
    *submission.urlpatterns,
    *paper_kind.urlpatterns,
    *library.urlpatterns,
    *likeness.urlpatterns,
    *publicity.urlpatterns,
    *personal_study.urlpatterns,
]
