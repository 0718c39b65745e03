from django.urls import path

from materials.views import paper_kind

urlpatterns = [
    path("groups/<int:pk>/paper-kinds/", paper_kind.group_paper_kinds, name="group_paper_kinds"),
    path("groups/<int:pk>/paper-kinds/new/", paper_kind.group_paper_kind_new, name="group_paper_kind_new"),
    path("groups/<int:pk>/paper-kinds/<slug:code>/", paper_kind.group_paper_kind, name="group_paper_kind"),
    path(
        "groups/<int:pk>/paper-kinds/<slug:code>/switch/",
        paper_kind.group_paper_kind_switch,
        name="group_paper_kind_switch",
    ),
]
