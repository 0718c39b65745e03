from django.urls import path

from materials.views import paper_owed, paper_request, paper_request_edit

urlpatterns = [
    path("requests/", paper_request.paper_request_list, name="paper_request_list"),
    path("requests/new/", paper_request_edit.paper_request_create, name="paper_request_create"),
    path("requests/owed/", paper_owed.paper_owed_list, name="paper_owed_list"),
    path("requests/owed.xlsx", paper_owed.paper_owed_workbook, name="paper_owed_workbook"),
    path("requests/urge/", paper_owed.paper_owed_urge, name="paper_owed_urge"),
    path("requests/<int:pk>/", paper_request.paper_request_detail, name="paper_request_detail"),
    path("requests/<int:pk>/edit/", paper_request_edit.paper_request_edit, name="paper_request_edit"),
    path("requests/<int:pk>/close/", paper_request.paper_request_close, name="paper_request_close"),
    path("requests/<int:pk>/discard/", paper_request.paper_request_discard, name="paper_request_discard"),
    path("requests/<int:pk>/people.xlsx", paper_request.paper_request_workbook, name="paper_request_workbook"),
    path(
        "requests/people/<int:pk>/excuse/",
        paper_request.paper_request_person_excuse,
        name="paper_request_person_excuse",
    ),
]
