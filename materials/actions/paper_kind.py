"""材料类别 every installation starts with."""

from typing import Any

from materials.models import PaperKind
from materials.models.paper_kind import READING_NOTE, REFLECTION, RESEARCH_REPORT, SPEECH, Need

SHIPPED_KINDS: dict[str, dict[str, Any]] = {
    REFLECTION: {"label": "心得体会", "purpose": "学习交流", "due_days": 7},
    RESEARCH_REPORT: {"label": "调研报告", "purpose": "成果转化", "session_need": Need.NONE},
    READING_NOTE: {"label": "读书笔记", "purpose": "读书交流"},
    SPEECH: {"label": "研讨（发言）材料", "purpose": "集体学习研讨", "due_days": 0},
}


def ensure_paper_kinds(model: Any = PaperKind) -> None:
    """Add the shipped kinds that are missing; what was changed since stays. A migration passes its own model."""
    known = set(model.objects.filter(group=None).values_list("slug", flat=True))
    model.objects.bulk_create(
        model(slug=slug, position=position, **facts)
        for position, (slug, facts) in enumerate(SHIPPED_KINDS.items(), start=1)
        if slug not in known
    )
