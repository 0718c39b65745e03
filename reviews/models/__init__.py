from reviews.models.case import ReviewCase, ReviewVersion
from reviews.models.entry import ReturnPoint, ReviewEntry, ReviewOpening
from reviews.models.note import ReviewNote
from reviews.models.route import ReviewRoute, StepDeadline

__all__ = [
    "ReturnPoint",
    "ReviewCase",
    "ReviewEntry",
    "ReviewNote",
    "ReviewOpening",
    "ReviewRoute",
    "ReviewVersion",
    "StepDeadline",
]
