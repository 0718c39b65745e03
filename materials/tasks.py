"""What a worker does for this floor."""

from django.utils import timezone

from accounts.models import StudyGroup
from materials.actions.booklet import BOOKLET, store_booklet
from materials.actions.likeness import LIKENESS, refresh_prints, store_comparison
from materials.comparison import compare
from materials.models import Comparison, LikenessRule
from materials.statistics.booklet import BY_KIND, chapters_of, in_order, on_two_lines, publishable
from studygroup.lib import jobs
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused
from studygroup.lib.models import Job
from studygroup.lib.office.word_book import Book, book_bytes


@jobs.handler(LIKENESS)
def compare_paper(run: jobs.Run) -> jobs.Store:
    """Bring the group's prints up to date, compare, and hand back how to keep it. Run again, it says the same."""
    rows = Comparison.objects.select_related("submission__review", "submission__author", "submission__session")
    comparison = rows.select_related("version").filter(pk=run.params["comparison"]).first()
    if comparison is None:  # the draft was thrown away meanwhile
        return dict
    group_id = comparison.submission.group_id
    refresh_prints(group_id, read=lambda done: run.progress(10, f"读取本组材料和资料 {done} 份"))
    run.progress(40, "比对")
    rule = LikenessRule.objects.of(group_id)
    compared = compare(comparison, rule)
    run.progress(90, "保存结果")
    stamp, at = comparison.submission.version, timezone.now()
    return lambda: store_comparison(comparison=comparison, compared=compared, rule=rule, stamp=stamp, at=at)


@jobs.handler(BOOKLET)
def make_booklet(run: jobs.Run) -> jobs.Store:
    """The approved papers chosen, as the person who asked may still read them, in one book. The time in it is that of
    the asking: done again, the bytes are the same."""
    job = Job.objects.select_related("requested_by").get(pk=run.job_id)
    by, group, at = job.requested_by, StudyGroup.objects.get(pk=run.params["group"]), job.created_at
    assert by is not None
    run.progress(10, "读取已通过的材料")
    order = run.params["order"]
    papers = in_order(publishable(by, group).filter(pk__in=run.params["papers"]), group, order)
    if not papers:
        raise Refused("所选的材料现在都不是“已通过”，没有生成。")
    left = len(run.params["papers"]) - len(papers)
    run.progress(40, f"排版 {len(papers)} 篇" + (f"（另有 {left} 篇已不是“已通过”，没有收入）" if left else ""))
    day = local_date(at)
    book = Book(
        title=on_two_lines(run.params["title"], group.name),
        publisher=group.name,
        day=f"{day.year}年{day.month}月",
        foreword=run.params["foreword"],
        chapters=chapters_of(papers, group, in_parts=order == BY_KIND),
    )
    content = book_bytes(book, at=at)
    run.progress(90, "保存")
    return lambda: store_booklet(group=group, content=content, papers=len(papers), by=by, at=at)
