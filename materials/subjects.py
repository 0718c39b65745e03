"""What of this floor passes 两审一把关: every kind of paper, whichever the township keeps."""

from django.urls import reverse

from materials.models.paper_kind import kind_names
from reviews.subjects import SubjectKind, register_family


def register_all() -> None:
    paper = SubjectKind("paper", "学习材料", lambda case: reverse("submission_of_case", args=[case]))
    register_family(paper, kind_names)
