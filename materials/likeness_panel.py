"""雷同提示 beside a paper on the review page: one short hint that leads to the passages."""

from typing import Any

from django.urls import reverse

from materials.models import Comparison
from materials.side_by_side import sentences_of
from reviews.models import ReviewCase, ReviewVersion
from reviews.panels import CaseLine, CasePanel

TITLE = "雷同提示"


def likeness_of(case: ReviewCase, version: ReviewVersion, user: Any) -> CasePanel | None:
    """What the comparison of this version found; nothing for what is not compared. One statement."""
    comparison = Comparison.objects.with_counts().filter(version=version).first()
    if comparison is None:
        return None
    address = reverse("submission_likeness", args=[comparison.submission_id])
    if comparison.done_at is None:
        return CasePanel(TITLE, note="比对还没有完成，不影响审核，稍后刷新即可看到。")
    sentences = sentences_of(comparison)
    if not sentences:
        return CasePanel(
            TITLE, note=f"与本组 {comparison.papers} 份材料、{comparison.texts} 份学习资料比对，没有相同的段落。"
        )
    marked = f"已核 {comparison.marked} 处" if comparison.marked else ""
    if not comparison.is_hint:
        note = "没有达到本组的提示标准。" if any(not s.endswith("处引文") for s in sentences) else ""
        return CasePanel(TITLE, [CaseLine(s) for s in sentences], note, ("查看", address))
    lines = [CaseLine(s, address) for s in sentences]
    return CasePanel(TITLE, lines, marked or "只提示段落，是否合适由审核人判断。", ("逐处对照", address))
