from django.urls import path

from materials.views import publicity

urlpatterns = [
    path("materials/publicity/", publicity.publicity_list, name="publicity_list"),
    path("materials/publicity/columns/new/", publicity.column_new, name="column_new"),
    path("materials/publicity/columns/<int:pk>/edit/", publicity.column_edit, name="column_edit"),
    path("materials/publicity/columns/<int:pk>/remove/", publicity.column_remove, name="column_remove"),
    path("materials/publicity/pushes/new/", publicity.push_new, name="push_new"),
    path("materials/publicity/pushes/paste/", publicity.push_paste, name="push_paste"),
    path("materials/publicity/pushes/<int:pk>/edit/", publicity.push_edit, name="push_edit"),
    path("materials/publicity/pushes/<int:pk>/remove/", publicity.push_remove, name="push_remove"),
]
