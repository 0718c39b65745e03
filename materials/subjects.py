"""What of this floor passes 两审一把关: every kind of paper."""

from django.urls import reverse

from materials.models.submission import SubmissionKind
from reviews.subjects import SubjectKind, register


def register_all() -> None:
    for value, label in SubmissionKind.choices:
        register(SubjectKind(value, str(label), lambda case: reverse("submission_of_case", args=[case])))
