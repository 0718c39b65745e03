from materials.urls import library, likeness, outputs, personal_study, publicity, submission

urlpatterns = [
    *outputs.urlpatterns,
    *submission.urlpatterns,
    *library.urlpatterns,
    *likeness.urlpatterns,
    *publicity.urlpatterns,
    *personal_study.urlpatterns,
]
