"""学习形式 every installation starts with. They are rows: a township may rename, add or retire its own."""

from typing import Any

from sessions_app.models import SessionKind

SHIPPED_KINDS = {
    "collective_study": "集体学习研讨",
    "concentrated_study": "集中学习",
    "discussion": "专题研讨",
    "enlarged_study": "扩大学习",
    "weekly_meeting": "周例会",
    "rotation_training": "专题轮训",
    "reading_class": "读书班",
    "onsite_teaching": "现场教学",
    "three_in_one": "三元一体",
    "party_lecture": "党课",
    "expert_guidance": "专题辅导",
    "study_visit": "对标调研",
    "party_education": "党性教育",
    "online": "线上学习",
}


def ensure_kinds(model: Any = SessionKind) -> None:
    """Add the kinds that are missing; a label the office has changed stays. A migration passes its own model."""
    known = set(model.objects.values_list("slug", flat=True))
    model.objects.bulk_create(
        model(slug=slug, label=label, position=position)
        for position, (slug, label) in enumerate(SHIPPED_KINDS.items(), start=1)
        if slug not in known
    )
