"""Another group's object does not exist: every route with an id answers 404 to people of another town."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.actions.imports import start_import
from accounts.actions.reminder import remind
from accounts.models import Delegation, Membership, Reminder
from accounts.reminders import DueLine
from accounts.sheets.description import description_of
from materials.models import (
    Book,
    Distribution,
    Material,
    Outcome,
    PaperRequest,
    PersonalStudy,
    PublicityColumn,
    PublicityPush,
    SubmissionFile,
)
from reports.actions.dossier import start_dossier
from reports.models import CorrectionRequest, YearReport
from reviews.chain import State
from sessions_app.actions.leave import ask_leave
from sessions_app.actions.series import lay_out
from sessions_app.models import (
    CaseStudy,
    Filing,
    LectureFile,
    Lecturer,
    MakeUpStudy,
    Observation,
    SessionFile,
    SessionSeries,
    Site,
    StudySession,
)
from studygroup.lib import jobs
from studygroup.lib.models import Job
from studygroup.lib.office.sheets import read_paste
from studygroup.routes import Route, all_routes
from tests.conftest import Cast
from tests.factories import (
    item_row,
    kind,
    make_annual_plan,
    make_closed_session,
    make_lecture,
    make_monthly_plan,
    make_session,
    make_submission,
    make_supplement,
    walk_to,
)

TODAY = date(2020, 5, 4)


def paper(cast: Cast) -> Any:
    submission = make_submission(cast, author=cast.m1)
    walk_to(submission.review, State.APPROVED, cast)
    return submission


def approved_plan(cast: Cast, make: Callable) -> Any:
    plan = make(cast, rows=[item_row()])
    walk_to(plan.review, State.APPROVED, cast)
    return plan


def attachment(cast: Cast) -> SubmissionFile:
    return SubmissionFile.objects.create(
        submission=paper(cast),
        file=ContentFile(b"x", "a.txt"),
        name="a.txt",
        size=1,
        sha256="0",
        added_at=timezone.now(),
    )


def used_file(cast: Cast) -> LectureFile:
    return LectureFile.objects.create(
        lecture=make_lecture(cast),
        purpose="used",
        file=ContentFile(b"x", "a.txt"),
        name="a.txt",
        size=1,
        sha256="0",
        added_at=timezone.now(),
    )


def filing(cast: Cast) -> Filing:
    return Filing.objects.create(
        group=cast.group,
        subject="roster",
        year=2020,
        filed_to="县委宣传部",
        filed_on=TODAY,
        receipt=ContentFile(b"x", "a.txt"),
        receipt_name="a.txt",
    )


def leave(cast: Cast) -> Any:
    session = make_session(cast, starts_at=timezone.now() + timedelta(days=1))
    return ask_leave(session=session, person=cast.m1, reason="sick", explanation="看病", at=timezone.now())


def make_up(cast: Cast) -> MakeUpStudy:
    make_closed_session(cast, status={cast.m1.pk: "leave"})
    return MakeUpStudy.objects.get()


def observation(cast: Cast) -> Observation:
    visit = Observation.objects.create(
        group=cast.group,
        planned_on=TODAY,
        announced_at=timezone.now(),
        notified_on=TODAY,
        observers="督导庚",
        state="fed_back",
    )
    visit.problems.create(number=1, text="记录不全", owner="办公室", due_on=TODAY)
    return visit


def attended(cast: Cast) -> Any:
    make_closed_session(cast)
    return cast.m1


def delegation(cast: Cast) -> Delegation:
    return Delegation.objects.create(
        group=cast.group,
        principal=cast.secretary,
        delegate=cast.deputy,
        role="leader",
        starts_on=TODAY,
        ends_on=TODAY,
        reason="外出",
    )


def paper_request(cast: Cast) -> PaperRequest:
    row = PaperRequest.objects.create(
        group=cast.group,
        kind="reflection",
        kind_name="心得体会",
        title="体会",
        due_on=TODAY,
        asked_by=cast.office,
        asked_at=timezone.now(),
    )
    row.people.create(person=cast.m1)
    return row


def reminder(cast: Cast) -> Reminder:
    lines = [DueLine(cast.m1.pk, cast.group.pk, "test:1", "请交材料。", "/")]
    remind(lines, day=TODAY, at=timezone.now())
    return Reminder.objects.get()


def book(cast: Cast) -> Book:
    return Book.objects.create(group=cast.group, title="书", received_copies=9, received_on=TODAY)


def distribution(cast: Cast) -> Distribution:
    return Distribution.objects.create(group=cast.group, book=book(cast), receiver="甲", copies=1, handed_out_on=TODAY)


def report(cast: Cast) -> YearReport:
    return YearReport.objects.create(
        group=cast.group, year=2020, figures=[], workbook=ContentFile(b"x", "x.xlsx"), made_at=timezone.now()
    )


def weekly(cast: Cast) -> SessionSeries:
    return lay_out(
        group=cast.group,
        title="周例会",
        kinds=[kind()],
        place="会议室",
        host=None,
        weekday=5,
        starts_at=time(9),
        ends_at=time(11),
        first_on=date(2026, 1, 3),
        last_on=date(2026, 1, 3),
        days=[date(2026, 1, 3)],
        preset="members",
        by=cast.office,
        at=timezone.now(),
    )


def batch(cast: Cast) -> Any:
    return start_import(
        description=description_of("plan"),
        group=cast.group,
        grids=[read_paste("月份\t学习专题\n3月\t甲")],
        file_name="计划.xlsx",
        options={"year": "2020"},
        by=cast.office,
        at=timezone.now(),
    )


def session_file(cast: Cast) -> SessionFile:
    return SessionFile.objects.create(
        session=make_session(cast),
        part="photos",
        file=ContentFile(b"x", "a.txt"),
        name="a.txt",
        size=1,
        sha256="0",
        added_at=timezone.now(),
    )


def dossier_archive(cast: Cast) -> StudySession:
    session = make_session(cast)
    start_dossier(session=session, by=cast.office, at=timezone.now())
    jobs.run(Job.objects.get().pk)
    return session


# The longest prefix of the route's name decides which object its id names.
OBJECTS: dict[str, Callable[[Cast], Any]] = {
    "membership": lambda cast: Membership.objects.get(user=cast.m1),
    "import": batch,
    "review": lambda cast: paper(cast).review,
    "delegation": delegation,
    "annual_plan_of_case": lambda cast: approved_plan(cast, make_annual_plan).review,
    "annual_plan": lambda cast: approved_plan(cast, make_annual_plan),
    "monthly_plan_of_case": lambda cast: approved_plan(cast, make_monthly_plan).review,
    "monthly_plan": lambda cast: approved_plan(cast, make_monthly_plan),
    "plan_supplement": make_supplement,
    "plan_supplement_of_case": lambda cast: make_supplement(cast).review,
    "filing": filing,
    "session_from_item": lambda cast: approved_plan(cast, make_annual_plan).items.get(),
    "series": weekly,
    "session": make_session,
    "register": make_session,
    "sign_in": make_session,
    "screen": make_session,
    "leave_ask": make_session,
    "leave_enter": make_session,
    "leave_decide": leave,
    "leave_change": leave,
    "leave_withdraw": leave,
    "make_up": make_up,
    "observation_problem": lambda cast: observation(cast).problems.get(),
    "observation": observation,
    "attendance_person": attended,
    "study_file": lambda cast: cast.m1,
    "correction_ask": lambda cast: cast.m1,
    "correction": lambda cast: CorrectionRequest.objects.create(
        group=cast.group, person=cast.m1, year=2020, part="papers", text="少算一篇", asked_at=timezone.now()
    ),
    "lecture_of_case": lambda cast: walk_to(make_lecture(cast).review, State.APPROVED, cast),
    "lecture_file": used_file,
    "lecture": make_lecture,
    "lecturer": lambda cast: Lecturer.objects.create(group=cast.group, name="王教授", unit="县委党校"),
    "case_study": lambda cast: CaseStudy.objects.create(
        group=cast.group, held_on=TODAY, polarity="positive", title="案例", presenter="甲"
    ),
    "submission_of_case": lambda cast: paper(cast).review,
    "submission_file": attachment,
    "submission": paper,
    "wording": lambda cast: cast.group.wordings.create(sort="typo", found="错词", advised="对词", added_in=2),
    "wording_edition": lambda cast: cast.group.wording_editions.create(
        number=2, release=1, note="新增", made_at=timezone.now()
    ),
    "material": lambda cast: Material.objects.create(group=cast.group, title="资料", source="求是", added_on=TODAY),
    "book": book,
    "distribution": distribution,
    "column": lambda cast: PublicityColumn.objects.create(group=cast.group, channel="号", name="栏", opened_on=TODAY),
    "push": lambda cast: PublicityPush.objects.create(group=cast.group, channel="号", title="推", pushed_on=TODAY),
    "light": lambda cast: cast.group,
    "rule": lambda cast: cast.group,
    "group": lambda cast: cast.group,
    "site": lambda cast: Site.objects.create(group=cast.group, name="示范基地"),
    "study": lambda cast: PersonalStudy.objects.create(
        group=cast.group, person=cast.m1, kind="book", done_on=TODAY, title="书"
    ),
    "outcome": lambda cast: Outcome.objects.create(
        group=cast.group, submission=paper(cast), suggestion="建议", adopted_in="党委会", adopted_on=TODAY
    ),
    "booklet": lambda cast: Job.objects.create(
        kind="booklet",
        key="1:1",
        title="成果汇编",
        params={"group": cast.group.pk, "title": "成果汇编"},
        state="done",
        result={"file": "booklets/none", "sha256": "0", "size": 1, "papers": 1},
        requested_by=cast.office,
        created_at=timezone.now(),
    ),
    "report": report,
    "reminder": reminder,
    "paper_request": paper_request,
    "paper_request_person": lambda cast: paper_request(cast).people.get(),
    "reminder_line": lambda cast: reminder(cast).lines.get(),
    "dossier": make_session,
    "dossier_archive": dossier_archive,
    "dossier_file": session_file,
    "job": lambda cast: Job.objects.create(
        kind="year_report", key="1:2020", title="统计", requested_by=cast.office, created_at=timezone.now()
    ),
}

BY_ID = [r for r in all_routes() if "<int:" in r.path and not r.is_admin and r.name != "sign_in_scan"]


def object_for(route: Route, cast: Cast) -> Any:
    names = [name for name in OBJECTS if route.name.startswith(name)]
    assert names, f"say in OBJECTS which object the id of {route.path} names"
    return OBJECTS[max(names, key=len)](cast)


def address(route: Route, pk: int) -> str:
    head, _, rest = route.path.partition("<int:")
    return (
        f"/{head}{pk}{rest.partition('>')[2]}".replace("<int:number>", "1")
        .replace("<slug:code>", "reflection")
        .replace("<slug:paper>", "notice")
    )


@pytest.mark.parametrize("route", BY_ID, ids=lambda route: route.name)
def test_a_foreign_id_is_404(cast, as_, route):
    pk = object_for(route, cast).pk
    for person in (cast.foreign_office, cast.foreign_secretary, cast.foreign_m1):
        if not route.declaration.rule.allows(person):
            continue
        for method in route.declaration.methods:
            response = getattr(as_(person), method.lower())(address(route, pk))
            assert response.status_code == 404, (person.name, method, response.status_code)


@pytest.mark.parametrize("route", [r for r in BY_ID if "GET" in r.declaration.methods], ids=lambda route: route.name)
def test_the_same_id_is_found_by_its_own_people(cast, as_, route):
    """Without this the test above could pass because the address is wrong."""
    pk = object_for(route, cast).pk
    found = [as_(person).get(address(route, pk)).status_code for person in (cast.office, cast.m1, cast.secretary)]
    assert any(status != 404 for status in found), found
