from django.urls import path

from materials.views import booklet, registers

urlpatterns = [
    path("submissions/register.xlsx", registers.submission_register, name="submission_register"),
    path("submissions/booklets/", booklet.booklet_list, name="booklet_list"),
    path("submissions/booklets/new/", booklet.booklet_new, name="booklet_new"),
    path("submissions/booklets/<int:pk>/file/", booklet.booklet_file, name="booklet_file"),
    path("submissions/booklets/<int:pk>/remove/", booklet.booklet_remove, name="booklet_remove"),
]
