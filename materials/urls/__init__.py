from materials.urls import library, publicity, submission

urlpatterns = [*submission.urlpatterns, *library.urlpatterns, *publicity.urlpatterns]
