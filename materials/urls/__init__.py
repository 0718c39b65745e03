from materials.urls import library, personal_study, publicity, submission

urlpatterns = [
    *submission.urlpatterns,
    *library.urlpatterns,
    *publicity.urlpatterns,
    *personal_study.urlpatterns,
]
