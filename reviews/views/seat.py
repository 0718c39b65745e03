"""The reviewer's round: which papers he goes through one after the other. Kept with his login, for the day."""

from dataclasses import asdict, dataclass, field

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from reviews.models import ReviewCase
from studygroup.lib.clock import local_date

KEY = "review_seat"
OVERDUE, TO_RATIFY, AGAIN = "overdue", "ratify", "again"
TWICE = 2  # a paper put off comes once more, then it is left for another day
REMEMBERED = 200


@dataclass
class Seat:
    """`skipped` counts how often a paper was put off. Ids are text there: the session keeps JSON."""

    day: str
    kind: str = ""
    only: str = ""
    passed: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        return len(self.passed) + len(self.returned)


@dataclass(frozen=True)
class Place:
    """Paper `number` of `total`; `left` still wait besides it."""

    number: int
    total: int
    left: int


def seat_of(request: HttpRequest) -> Seat:
    today = timezone.localdate().isoformat()
    kept = request.session.get(KEY) or {}
    return Seat(**kept) if kept.get("day") == today else Seat(today)


def keep(request: HttpRequest, seat: Seat) -> None:
    seat.passed, seat.returned = seat.passed[-REMEMBERED:], seat.returned[-REMEMBERED:]
    request.session[KEY] = asdict(seat)


def choose(request: HttpRequest, kind: str, only: str) -> None:
    """Go on with these papers; another choice begins another round."""
    seat = seat_of(request)
    if (seat.kind, seat.only) != (kind, only):
        keep(request, Seat(seat.day, kind, only))


def note(request: HttpRequest, case: ReviewCase, *, passed: bool) -> Seat:
    seat = seat_of(request)
    (seat.passed if passed else seat.returned).append(case.pk)
    seat.skipped.pop(str(case.pk), None)
    keep(request, seat)
    return seat


def unnote(request: HttpRequest, case: ReviewCase) -> None:
    """A verdict was taken back."""
    seat = seat_of(request)
    seat.passed = [pk for pk in seat.passed if pk != case.pk]
    seat.returned = [pk for pk in seat.returned if pk != case.pk]
    keep(request, seat)


def put_off(request: HttpRequest, case: ReviewCase) -> Seat:
    seat = seat_of(request)
    seat.skipped[str(case.pk)] = seat.skipped.get(str(case.pk), 0) + 1
    keep(request, seat)
    return seat


# -- which papers ------------------------------------------------------------


def waiting_for(user: User) -> QuerySet[ReviewCase]:
    today = local_date(timezone.now())
    return ReviewCase.objects.awaiting(user).most_urgent_first(today)


def narrowed(cases: QuerySet[ReviewCase], kind: str, only: str) -> QuerySet[ReviewCase]:
    if kind:
        cases = cases.filter(kind=kind)
    if only == OVERDUE:
        return cases.filter(due_on__lt=timezone.localdate())
    if only == TO_RATIFY:
        return cases.filter(pending_override__isnull=False)
    return cases.filter(round__gt=1, pending_override=None) if only == AGAIN else cases


def queue_of(user: User, seat: Seat) -> list[int]:
    return list(narrowed(waiting_for(user), seat.kind, seat.only).values_list("pk", flat=True))


def is_empty(user: User, seat: Seat) -> bool:
    return not narrowed(ReviewCase.objects.awaiting(user), seat.kind, seat.only).exists()


def following(user: User, seat: Seat, after: int = 0) -> int | None:
    """The paper to open next: first those not put off, then each of the others once more."""
    times = {pk: seat.skipped.get(str(pk), 0) for pk in queue_of(user, seat) if pk != after}
    return min((pk for pk in times if times[pk] < TWICE), key=lambda pk: times[pk], default=None)


def place_of(case: ReviewCase, seat: Seat, queue: list[int]) -> Place:
    """Where this paper stands in the round. What was put off counts as seen."""
    seen = {pk for pk in queue if str(pk) in seat.skipped} | {case.pk}
    return Place(seat.done + len(seen), seat.done + len({*queue, case.pk}), len(set(queue) - {case.pk}))
