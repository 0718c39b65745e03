"""What reviewers say beside a paper in the demo: wording they offer, and a note among themselves."""

from datetime import datetime

from accounts.models import User
from materials.models import Submission
from reviews.actions import Point, add_note
from reviews.models import ReviewCase
from reviews.presentation import paragraph_texts

NOTE = "引文已与原文核对过；第二部分的数字是分管站所报来的，复审时请再看一眼。"


def better_ending(submission: Submission) -> Point:
    """The last paragraph, with a date to it."""
    version = submission.review.versions.order_by("-number").first()
    number, text = list(paragraph_texts(version.content if version else []).items())[-1]
    return Point("最后一段请写明期限。", number, text, f"{text.rstrip('。')}，月底前逐项对账、逐项销号。")


def leave_note(submission_id: int, by: User, at: datetime) -> None:
    case = ReviewCase.objects.get(submission=submission_id)
    add_note(case=case, text=NOTE, by=by, at=at)
