"""What a worker does for this floor."""

from django.utils import timezone

from materials.actions.likeness import LIKENESS, refresh_prints, store_comparison
from materials.comparison import compare
from materials.models import Comparison, LikenessRule
from studygroup.lib import jobs


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
