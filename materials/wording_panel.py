"""用语与引文 beside a paper on the review page: the first few places, and the page with all of them."""

from typing import Any

from django.urls import reverse

from materials.advice import wording_of
from materials.models import Submission
from materials.wording import Advice
from reviews.models import ReviewCase, ReviewVersion
from reviews.panels import CaseLine, CasePanel

SHOWN = 6


def wording_beside(case: ReviewCase, version: ReviewVersion, user: Any) -> CasePanel | None:
    """Advice on the version that is read; nothing for what is no paper, or where there is nothing to say."""
    paper = Submission.objects.filter(review=case).values_list("pk", "group_id", "written_on").first()
    if paper is None:
        return None
    pk, group_id, written_on = paper
    told = wording_of(version.content, title=version.title, group_id=group_id, day=written_on)
    if not told.advices:
        return CasePanel("用语与引文", note=told.sentence) if told.checked.agreed else None
    lines = [
        CaseLine(f"{one.place} {one.label}：{_short(one)}", f"#p{one.paragraph}" if one.paragraph else "")
        for one in told.advices[:SHOWN]
    ]
    note = f"只是建议，是否修改由撰稿人和审核人判断（词库第{told.edition.number}版）。"
    title = f"用语与引文：{len(told.advices)} 条建议"
    return CasePanel(title, lines, note, ("逐条看", reverse("submission_wording", args=[pk])))


def _short(one: Advice) -> str:
    if one.source is not None:
        return f"“{one.found[:12]}…”与资料原文不一致"
    if one.ours:
        return f"“{one.found[:20]}”与规范的不同"
    return f"{one.found[:20]} → {one.advised[:24]}" if one.advised else one.found[:20]
