from materials.urls import library, likeness, personal_study, publicity, submission

urlpatterns = [
    *submission.urlpatterns,
    *library.urlpatterns,
    *likeness.urlpatterns,
    *publicity.urlpatterns,
    *personal_study.urlpatterns,
]
