"""布置材料 on the home page: what somebody is asked to write, and whom the office has to urge and to tell."""

from collections.abc import Iterator
from datetime import date

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from accounts.models import ReminderLine, User
from accounts.permissions import Permission
from materials.models import PaperRequestPerson, Submission
from materials.reminders import address_of, day_told, name_of
from reviews.chain import State
from sessions_app.presentation import days_told

SHOWN = 6
NEAR = 3  # days before the date from which it is the first thing to do
Line = tuple[str, str, str, str, bool]  # what, note, verb, address, whether it is the first thing to do


def to_write(user: User, today: date) -> Iterator[Line]:
    """What he was asked for and has not handed in, soonest first; his own draft of it is gone on with."""
    drafts = Submission.objects.filter(author=user, request=OuterRef("request"), review__state=State.DRAFT)
    rows = PaperRequestPerson.objects.owing().filter(
        person=user, request__group__in=user.authority.groups_with(Permission.WRITE_PAPERS)
    )
    rows = rows.annotate(draft=Subquery(drafts.order_by("-pk").values("pk")[:1])).select_related("request")
    for row in rows.order_by("request__due_on", "pk")[:SHOWN]:
        asked, draft = row.request, row.draft
        left = asked.days_left(today)
        address = reverse("submission_edit", args=[draft]) if draft else address_of(asked.pk)
        what = f"请于{day_told(asked.due_on)}前交{name_of(asked)}"
        yield what, days_told(left), "继续写" if draft else "写", address, left <= NEAR


def to_urge(user: User, today: date) -> Iterator[Line]:
    """For the office: papers overdue, and today's digests nobody has told yet."""
    groups = user.authority.groups_with(Permission.MANAGE_SESSIONS)
    late = PaperRequestPerson.objects.owing().on_roster(today)
    number = late.filter(request__group__in=groups, request__due_on__lt=today).count()
    if number:
        yield f"{number} 份材料逾期未交", "催一次，或者登记免交", "催交", reverse("paper_owed_list"), False
    untold = ReminderLine.objects.standing().filter(group__in=groups, reminder__day=today, told_at=None)
    people = untold.order_by().values("reminder").distinct().count()
    if people:
        note = "每人一份，复制后发给本人，或打电话"
        yield f"今天要提醒 {people} 人", note, "待发箱", f"{reverse('outbox')}?show=untold", False
