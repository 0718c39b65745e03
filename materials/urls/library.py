from django.urls import path

from materials.urls import wording
from materials.views import library, session_texts

urlpatterns = [
    path("materials/", library.material_list, name="material_list"),
    path("materials/new/", library.material_new, name="material_new"),
    path("materials/<int:pk>/", library.material_detail, name="material_detail"),
    path("materials/<int:pk>/edit/", library.material_edit, name="material_edit"),
    path("materials/<int:pk>/remove/", library.material_remove, name="material_remove"),
    path("sessions/<int:pk>/materials/", session_texts.session_materials, name="session_materials"),
    path("materials/books/new/", library.book_new, name="book_new"),
    path("materials/books/<int:pk>/", library.book_detail, name="book_detail"),
    path("materials/books/<int:pk>/edit/", library.book_edit, name="book_edit"),
    path("materials/books/<int:pk>/remove/", library.book_remove, name="book_remove"),
    path("materials/distributions/", library.distribution_list, name="distribution_list"),
    path("materials/distributions/new/", library.distribution_new, name="distribution_new"),
    path("materials/distributions/<int:pk>/edit/", library.distribution_edit, name="distribution_edit"),
    path("materials/distributions/<int:pk>/remove/", library.distribution_remove, name="distribution_remove"),
    *wording.urlpatterns,
]
