"""The demo year: the published figures of both townships come out of its rows."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import TestCase
from django.utils import timezone

from accounts.models import Delegation, StudyGroup, User
from materials.models import PublicityPush, Submission
from reports.statistics import Figure, year_figures
from reports.statistics.dossier import dossiers_of
from reviews.chain import VERDICTS, Move, State
from reviews.models import ReviewCase, ReviewEntry
from sessions_app.models import LeaveRequest, StudySession
from sessions_app.paperwork import with_facts
from studygroup.demo.build import seed
from studygroup.demo.people import PASSWORD
from studygroup.lib import audit
from studygroup.lib.models import AuditEntry

PUBLISHED = {
    "bianqiao": {
        "collective_study": 14,
        "research_report": 16,
        "three_in_one": 8,
        "onsite_teaching": 4,
        "rotation_training": 2,
    },
    "jingwu": {
        "concentrated_study": 37,
        "discussion": 3,
        "lecture_approved": 7,
        "reflection": 52,
        "copies_distributed": 234,
        "column": 4,
        "push": 53,
    },
}


def figures_of(slug: str, year: int = 2020) -> dict[str, Figure]:
    return {figure.code: figure for figure in year_figures(StudyGroup.objects.get(slug=slug), year)}


class TestDemo(TestCase):
    """A TestCase because the years are built once for all of these."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.now = timezone.now()
        cls.told = seed(cls.now)

    def test_published_figures_come_out_of_rows(self) -> None:
        for slug, expected in PUBLISHED.items():
            figures = figures_of(slug)
            assert {code: figures[code].value for code in expected} == expected
            for code in expected.keys() - {"copies_distributed"}:
                assert len(set(figures[code].evidence.ids)) == expected[code]
        assert figures_of("jingwu")["push"].display == "50余"

    def test_traps_are_left_out_with_a_reason(self) -> None:
        assert {row.why for row in figures_of("bianqiao")["collective_study"].left_out} == {"还是草稿，没有通知"}
        assert {row.why for row in figures_of("jingwu")["reflection"].left_out} == {"已退回，尚未重新通过"}
        assert len(figures_of("jingwu")["lecture_approved"].left_out) == 2
        assert figures_of("jingwu", 2019)["concentrated_study"].value == 1
        assert figures_of("jingwu", 2021)["concentrated_study"].value == 1

    def test_figures_follow_a_changed_row(self) -> None:
        paper = Submission.objects.get(pk=figures_of("jingwu")["reflection"].evidence.ids[0])
        Submission.objects.filter(pk=paper.pk).update(written_on="2021-01-01")
        session = figures_of("bianqiao")["three_in_one"].evidence.ids[0]
        StudySession.objects.filter(pk=session).update(state="called")
        PublicityPush.objects.filter(pk=figures_of("jingwu")["push"].evidence.ids[0]).delete()
        assert figures_of("jingwu")["reflection"].value == 51
        assert figures_of("bianqiao")["three_in_one"].value == 7
        assert figures_of("jingwu")["push"].value == 52

    def test_seeding_again_changes_nothing_and_says_the_same(self) -> None:
        StudySession.objects.filter(group__slug="bianqiao").update(title="用户改过的题目")
        User.objects.filter(username="bq-m1").update(name="用户改过的名字")
        rows = AuditEntry.objects.count(), User.objects.count(), Submission.objects.count()
        assert seed(self.now + timedelta(days=40)) == self.told
        assert (AuditEntry.objects.count(), User.objects.count(), Submission.objects.count()) == rows
        assert User.objects.get(username="bq-m1").name == "用户改过的名字"

    def test_the_running_year_has_something_late_and_something_to_ratify(self) -> None:
        for slug in PUBLISHED:
            cases = ReviewCase.objects.filter(group__slug=slug)
            assert cases.filter(due_on__lt=timezone.localdate(self.now)).exists()
            assert cases.filter(pending_override__isnull=False).count() == 1
            assert cases.exclude(override_step="").filter(pending_override=None, state=State.APPROVED).count() == 1
            assert Delegation.objects.filter(group__slug=slug, only_overdue=True).count() == 1
            figures = figures_of(slug, timezone.localdate(self.now).year)
            assert figures["override_pending"].value <= figures["override"].value <= 2

    def test_everybody_named_can_log_in(self) -> None:
        for account in self.told["accounts"]:
            user = User.objects.get(username=account["username"])
            assert user.check_password(PASSWORD)
            assert not user.must_change_password
        assert len({account["name"] for account in self.told["accounts"]}) == len(self.told["accounts"])

    def test_nobody_judged_his_own_and_both_delegations_appear(self) -> None:
        for entry in ReviewEntry.objects.filter(move__in=VERDICTS):
            assert entry.by_id not in (entry.author_id, entry.handed_in_by_id)
        acted = set(
            ReviewEntry.objects.filter(
                case__kind="research_report", at__year=2020, on_behalf_of__isnull=False
            ).values_list("by__username", "on_behalf_of__username")
        )
        assert acted == {("bq-deputy", "bq-secretary"), ("bq-m1", "bq-propaganda")}
        assert ReviewEntry.objects.filter(move=Move.RETURN, at__year=2020).count() >= 10

    def test_papers_are_long_enough_and_no_two_alike(self) -> None:
        bodies = list(Submission.objects.values_list("body", flat=True))
        assert len(set(bodies)) == len(bodies)
        assert min(paper.word_count for paper in Submission.objects.all()) >= 250

    def test_nothing_was_done_in_the_future(self) -> None:
        assert not ReviewEntry.objects.filter(at__gt=self.now).exists()
        assert not AuditEntry.objects.filter(at__gt=self.now).exclude(action="year_report.make").exists()

    def test_running_year_has_work_for_every_role(self) -> None:
        for prefix in ("bq", "jw"):
            for name in ("office", "propaganda", "secretary", "deputy"):
                user = User.objects.get(username=f"{prefix}-{name}")
                assert ReviewCase.objects.awaiting(user).exists(), user.username
            secretary = User.objects.get(username=f"{prefix}-secretary")
            assert LeaveRequest.objects.awaiting(secretary).exists()
            m1 = User.objects.get(username=f"{prefix}-m1")
            assert Submission.objects.filter(author=m1, review__state="returned").exists()
        for slug in ("bianqiao", "jingwu"):
            opened = StudySession.objects.get(pk=self.told["ids"][slug]["session_open"])
            assert opened.sign_in_opens_at <= self.now <= opened.sign_in_closes_at
            assert opened.is_called

    def test_complete_files_are_archived_with_the_papers_of_who_spoke(self) -> None:
        for slug in ("bianqiao", "jingwu"):
            sessions = StudySession.objects.filter(group__slug=slug)
            archived = dossiers_of(with_facts(sessions.filter(state="archived")))
            assert archived
            assert all(dossier.missing == [] for dossier in archived)
            spoken = Submission.objects.filter(session__group__slug=slug, review__state="approved")
            assert spoken.filter(session__state="archived").exists()
            open_ones = dossiers_of(with_facts(sessions.filter(state="closed")))
            assert any(dossier.missing for dossier in open_ones)

    def test_the_audit_trail_holds(self) -> None:
        audit.seal()
        assert audit.verify() == []


def test_seed_refuses_a_real_installation(db, settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--yes-demo"):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_seed_refuses_beside_real_data_of_the_same_name(db) -> None:
    User.objects.create_user("bq-m1", "x", name="真实的人")
    with pytest.raises(CommandError, match="bq-m1"):
        call_command("seed_demo", "--yes-demo")
    assert User.objects.count() == 1


def test_seed_prints_accounts_and_ids_as_json(db) -> None:
    out = io.StringIO()
    call_command("seed_demo", "--yes-demo", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert {group["slug"] for group in told["groups"]} >= {"bianqiao", "jingwu", "pingyi", "xiqing"}
    office = next(account for account in told["accounts"] if account["username"] == "bq-office")
    assert office["password"] == PASSWORD
    assert "office" in office["roles"]
    again = io.StringIO()
    call_command("seed_demo", "--yes-demo", "--json", stdout=again)
    assert again.getvalue() == out.getvalue()
