from collections.abc import Collection, Iterable

from django.db import models
from django.db.models import Q

from accounts.models import StudyGroup
from accounts.permissions import Permission

# What the year's figures, the dossier and 1112工程 count; a group may rename these, not remove them.
REFLECTION = "reflection"
RESEARCH_REPORT = "research_report"
READING_NOTE = "reading_note"
SPEECH = "speech"


class Need(models.TextChoices):
    """Whether a paper of a kind names something."""

    NONE = "none", "不填"
    OPTIONAL = "optional", "可以填"
    REQUIRED = "required", "必须填"


class PaperKindQuerySet(models.QuerySet["PaperKind"]):
    def visible_to(self, user) -> "PaperKindQuerySet":
        return self.filter(Q(group=None) | Q(group__in=user.authority.roles.keys()))

    def of_groups(self, group_ids: Iterable[int]) -> "PaperKindQuerySet":
        """The shipped rows and these groups' own."""
        return self.filter(Q(group=None) | Q(group__in=list(group_ids)))


class PaperKind(models.Model):
    """材料类别: a row, not a constant. Without a group it is shipped to everybody; a group's own row of the same slug
    takes its place there (`kinds_of`). The steps its papers pass are the group's 审核环节, as for everything reviewed.
    """

    group = models.ForeignKey(
        StudyGroup, models.PROTECT, null=True, blank=True, related_name="paper_kinds", verbose_name="学习组"
    )
    slug = models.SlugField("代号", max_length=50, db_index=False)
    label = models.CharField("名称", max_length=30)
    purpose = models.CharField("用途", max_length=100, blank=True, help_text="印在审核表上，撰稿时可以改。")
    guidance = models.CharField("写作要求", max_length=300, blank=True, help_text="写材料时显示给成员。")
    outline = models.TextField("提纲", max_length=2000, blank=True, help_text="新写时先放进正文，每行一个小标题。")
    words_wanted = models.PositiveIntegerField("字数要求（不少于）", null=True, blank=True)
    due_days = models.PositiveSmallIntegerField("学习后几天内交", null=True, blank=True)
    session_need = models.CharField("学习活动", max_length=10, choices=Need.choices, default=Need.OPTIONAL)
    topic_need = models.CharField("专题", max_length=10, choices=Need.choices, default=Need.OPTIONAL)
    position = models.PositiveSmallIntegerField("排序", default=100)
    is_active = models.BooleanField("在用", default=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = PaperKindQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "材料类别"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["group", "slug"], name="paper_kind_once_in_group"),
            models.UniqueConstraint(fields=["slug"], condition=Q(group=None), name="paper_kind_once_shipped"),
        ]

    def __str__(self) -> str:
        return self.label


def kinds_of(group_id: int, *, retired: bool = False) -> dict[str, PaperKind]:
    """slug → the row that holds in the group, in order; `retired` ones too when asked. One statement."""
    return kinds_by_group([group_id], retired=retired)[group_id]


def kinds_by_group(group_ids: Iterable[int], *, retired: bool = False) -> dict[int, dict[str, PaperKind]]:
    """The same for several groups at once. One statement."""
    group_ids = list(group_ids)
    rows = list(PaperKind.objects.of_groups(group_ids))
    found = {}
    for group_id in group_ids:
        holding = {row.slug: row for row in rows if row.group_id is None}
        holding |= {row.slug: row for row in rows if row.group_id == group_id}
        ordered = sorted(holding.values(), key=lambda row: (row.position, row.pk))
        found[group_id] = {row.slug: row for row in ordered if row.is_active or retired}
    return found


def kind_names(group_ids: Collection[int] | None = None) -> list[tuple[str, str]]:
    """(slug, name) of the kinds in use in one of these groups, or anywhere. One statement."""
    if group_ids is not None:
        found = kinds_by_group(group_ids).values()
        return list({slug: row.label for kinds in found for slug, row in kinds.items()}.items())
    rows = PaperKind.objects.filter(is_active=True).order_by("position", "pk")
    return list({row.slug: row.label for row in sorted(rows, key=lambda row: row.group_id is None)}.items())


def may_keep_kinds(user, group_id: int) -> bool:
    """材料类别 are kept by who keeps the group's plans: 学习秘书 and office."""
    return user.authority.allows(Permission.EDIT_PLANS, group_id)
