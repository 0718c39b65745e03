"""雷同提示 through the actions: what is compared with what, what raises a hint, and who may see what of it."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command

from materials.actions.library import add_material
from materials.actions.likeness import check_draft, refresh_prints
from materials.actions.submission import rewrite_submission, withdraw
from materials.likeness.findings import Sort
from materials.models import Comparison, LikePassage, Material, TextPrint
from reviews.chain import State
from tests import factories
from tests.materials.texts import COPIED, HONEST, SPEECH, paper_of


@pytest.fixture
def handed_in(cast, run_jobs):
    """Hand a paper in and do what the worker would; gives back its comparison."""

    def hand_in(*paragraphs, author=None, **facts):
        submission = factories.make_submission(cast, author=author or cast.m1, body=paper_of(*paragraphs), **facts)
        factories.hand_in(submission.review, by=author or cast.m1)
        run_jobs()
        return Comparison.objects.get(submission=submission, version__isnull=False)

    return hand_in


def sorts(comparison):
    return sorted({passage.sort for passage in comparison.passages.all()})


def test_copy_of_a_colleagues_passage_raises_a_hint(cast, handed_in):
    source = handed_in(HONEST[0], COPIED, author=cast.m2)
    copy = handed_in(HONEST[1], COPIED)
    assert copy.is_hint
    [passage] = copy.passages.all()
    assert (passage.sort, passage.source) == (Sort.OTHER, source.submission)
    content = copy.version.content[passage.paragraph]["text"]
    assert content[passage.start : passage.end].startswith(COPIED[:20])
    assert not source.is_hint


def test_honest_papers_raise_none(handed_in, cast):
    handed_in(*HONEST[:3], author=cast.m2)
    comparison = handed_in(*HONEST[3:])
    assert (comparison.is_hint, comparison.papers, comparison.passages.count()) == (False, 1, 0)
    assert comparison.done_at is not None


def test_quotation_is_told_apart_from_copying(cast, handed_in, now):
    add_material(group=cast.group, by=cast.office, at=now, title="讲话", source="学习强国", body=SPEECH)
    handed_in(HONEST[0], f"讲话中说：“{SPEECH}”", author=cast.m2)
    comparison = handed_in(HONEST[1], f"我反复读了这一段：“{SPEECH}”")
    assert not comparison.is_hint
    assert sorts(comparison) == [Sort.QUOTED]
    passage = comparison.passages.get()
    assert passage.material == Material.objects.get()
    assert passage.excerpt[passage.source_start : passage.source_end].startswith(SPEECH[:10])


def test_words_of_the_library_without_marks_are_no_colleagues_words(cast, handed_in, now):
    add_material(group=cast.group, by=cast.office, at=now, title="讲话", source="学习强国", body=SPEECH)
    handed_in(HONEST[0], SPEECH, author=cast.m2)
    comparison = handed_in(*HONEST[1:], SPEECH)
    assert sorts(comparison) == [Sort.LIBRARY]
    assert not comparison.is_hint
    assert handed_in(HONEST[2][:30], SPEECH, author=cast.m3).is_hint  # most of the paper


def test_the_authors_own_earlier_paper_is_told_apart(handed_in):
    handed_in(HONEST[0], COPIED, written_on=date(2005, 3, 1))
    comparison = handed_in(HONEST[1], COPIED)
    assert sorts(comparison) == [Sort.OWN]
    assert comparison.is_hint


def test_papers_of_long_ago_are_left_out_unless_of_the_same_session(cast, handed_in):
    session = factories.make_session(cast)
    handed_in(HONEST[0], COPIED, author=cast.m2, written_on=date(2005, 3, 1))
    assert not handed_in(HONEST[1], COPIED, author=cast.m3, written_on=date(2020, 3, 1)).passages.exists()
    handed_in(HONEST[2], SPEECH, author=cast.m2, written_on=date(2005, 3, 1), session=session)
    assert handed_in(HONEST[3], SPEECH, author=cast.m1, written_on=date(2020, 3, 1), session=session).is_hint


def test_another_groups_paper_is_never_a_source(cast, handed_in):
    handed_in(HONEST[0], COPIED, author=cast.foreign_m1, group=cast.foreign_group)
    comparison = handed_in(HONEST[1], COPIED)
    assert (comparison.papers, comparison.passages.count()) == (0, 0)


def test_a_draft_is_never_a_source_nor_one_taken_back(cast, handed_in, run_jobs, now):
    factories.make_submission(cast, author=cast.m2, body=paper_of(HONEST[0], COPIED))
    assert handed_in(HONEST[1], COPIED, author=cast.m3).papers == 0
    back = Comparison.objects.get().submission
    back.review.refresh_from_db()
    withdraw(submission=back, by=cast.m3, at=now, seen_version=back.review.version)
    comparison = handed_in(HONEST[2], COPIED)
    assert (comparison.papers, comparison.passages.count()) == (0, 0)


def test_own_draft_is_compared_for_the_author_alone(cast, handed_in, run_jobs, now):
    handed_in(HONEST[0], COPIED, author=cast.m2)
    draft = factories.make_submission(cast, body=paper_of(HONEST[1], COPIED))
    check_draft(submission=draft, by=cast.m1, at=now)
    run_jobs()
    checked = Comparison.objects.get(submission=draft)
    assert checked.is_hint
    assert checked.version is None
    assert not TextPrint.objects.filter(submission=draft).exists()


def test_resubmission_is_compared_anew_and_not_with_its_own_earlier_version(cast, handed_in, run_jobs, now):
    handed_in(HONEST[0], COPIED, author=cast.m2)
    first = handed_in(HONEST[1], COPIED)
    case = first.submission.review
    case.refresh_from_db()
    factories.judge(case, "return", by=cast.office)
    submission = first.submission
    submission.refresh_from_db()
    submission.review = case
    changes = {"body": paper_of(HONEST[1], HONEST[2])}
    rewrite_submission(submission=submission, seen_version=submission.version, changes=changes, by=cast.m1, at=now)
    factories.hand_in(case, by=cast.m1)
    run_jobs()
    second = Comparison.objects.filter(submission=submission).latest("pk")
    assert second.pk != first.pk
    assert not second.is_hint
    assert second.passages.count() == 0
    assert TextPrint.objects.get(submission=submission).version == second.version


def test_prints_are_made_once_and_anew_when_the_library_changes(cast, handed_in, now):
    handed_in(HONEST[0])
    material = add_material(group=cast.group, by=cast.office, at=now, title="讲话", source="求是", body=SPEECH)
    assert refresh_prints() == 1
    assert refresh_prints() == 0
    before = TextPrint.objects.get(material=material).hashes
    Material.objects.filter(pk=material.pk).update(body=COPIED, version=1)
    assert refresh_prints(cast.foreign_group.pk) == 0
    assert refresh_prints(cast.group.pk) == 1
    assert TextPrint.objects.get(material=material).hashes != before


def test_backfill_prints_what_was_handed_in_before(cast, handed_in, capsys):
    handed_in(HONEST[0])
    TextPrint.objects.all().delete()
    call_command("fingerprint_papers")
    assert TextPrint.objects.count() == 1
    call_command("fingerprint_papers")
    assert "全部已有" in capsys.readouterr().out


def test_a_comparison_made_twice_says_the_same_and_keeps_marks(cast, handed_in, run_jobs, now):
    from materials.actions.likeness import compare_again, mark_passage

    handed_in(HONEST[0], COPIED, author=cast.m2)
    comparison = handed_in(HONEST[1], COPIED)
    mark_passage(passage=comparison.passages.get(), seen="", mark="fair", by=cast.office, at=now)
    before = list(LikePassage.objects.values_list("paragraph", "start", "end", "source"))
    compare_again(case=comparison.submission.review, by=cast.office, at=now + timedelta(minutes=1))
    assert Comparison.objects.get(pk=comparison.pk).done_at is None
    run_jobs()
    assert list(LikePassage.objects.values_list("paragraph", "start", "end", "source")) == before
    assert LikePassage.objects.get().mark == "fair"


def test_nothing_waits_for_the_comparison(cast):
    submission = factories.make_submission(cast)
    case = factories.walk_to(submission.review, State.APPROVED, cast)
    assert case.is_approved
    assert Comparison.objects.get().done_at is None
