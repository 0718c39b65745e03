from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, When

from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.wording.entries import LONGEST_WORD, Entry, WordingSort, spared_words, usual_advice
from materials.wording.shipped import RELEASE


def may_keep_wording(user, group_id: int) -> bool:
    """用语词库 is kept by 学习秘书 (宣传委员); everybody who reads the library reads it."""
    return user.authority.allows(Permission.KEEP_WORDING, group_id)


def _holding(number: int) -> Q:
    return Q(added_in__lte=number) & (Q(retired_in=None) | Q(retired_in__gt=number))


class WordingEntryQuerySet(models.QuerySet["WordingEntry"]):
    def visible_to(self, user) -> "WordingEntryQuerySet":
        """The shipped entries and those of groups whose library he reads."""
        groups = user.authority.groups_with(Permission.READ_LIBRARY)
        return self.filter(Q(group=None) | Q(group__in=groups)) if groups else self.none()

    def in_edition(self, edition: "WordingEdition") -> "WordingEntryQuerySet":
        """What holds in an edition of a group's dictionary: its own, and what is shipped and not switched off."""
        off = WordingSwitch.objects.off_in(edition).filter(entry=OuterRef("pk"))
        own = Q(group=edition.group_id) & _holding(edition.number)
        return self.filter(own | (Q(group=None) & _holding(edition.release) & ~Q(Exists(off))))

    def own_first(self) -> "WordingEntryQuerySet":
        """As people read it: the group's own before what is shipped, sort by sort."""
        sorts = [When(sort=value, then=place) for place, value in enumerate(WordingSort.values)]
        place = Case(*sorts, default=99, output_field=models.PositiveSmallIntegerField())
        return self.order_by(models.F("group").asc(nulls_last=True), place, "found", "-pk")

    def out_of(self, edition: "WordingEdition") -> "WordingEntryQuerySet":
        """What a group does not use now: retired rows nobody has put another in the place of, and shipped ones that
        are switched off."""
        off = WordingSwitch.objects.off_in(edition).filter(entry=OuterRef("pk"))
        replaced = WordingEntry.objects.filter(replaces=OuterRef("pk"), group=edition.group_id)
        own = Q(group=edition.group_id, retired_in__lte=edition.number)
        shipped = Q(group=None) & Q(Exists(off))
        return self.filter(own | shipped).exclude(Exists(replaced))


class WordingEntry(models.Model):
    """用语词条: one word or phrase and what is advised. Never rewritten: a change retires the row and adds another.

    Without a group it is shipped to everybody; its numbers then count releases, and a group may switch it off. With a
    group they count the editions of that group's dictionary.
    """

    group = models.ForeignKey(
        StudyGroup, models.PROTECT, null=True, blank=True, related_name="wordings", verbose_name="学习组"
    )
    sort = models.CharField("类别", max_length=10, choices=WordingSort.choices)
    found = models.CharField("查找的词", max_length=LONGEST_WORD)
    advised = models.CharField("建议写法", max_length=120, blank=True)
    spared = models.CharField("不提示的写法", max_length=200, blank=True)
    note = models.CharField("说明、依据", max_length=200, blank=True)
    valid_from = models.DateField("从哪天起", null=True, blank=True)
    valid_until = models.DateField("到哪天止", null=True, blank=True)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="replaced_by", verbose_name="代替的词条"
    )
    added_in = models.PositiveIntegerField("从第几版起", editable=False)
    retired_in = models.PositiveIntegerField("第几版停用", null=True, editable=False)

    objects = WordingEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "用语词条"
        ordering = ["sort", "found", "pk"]
        indexes = [models.Index(fields=["group", "added_in"], name="wording_group_edition")]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "found"], condition=Q(retired_in=None), name="wording_once_in_group"
            ),
            models.UniqueConstraint(
                fields=["found"], condition=Q(retired_in=None, group=None), name="wording_once_shipped"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                name="wording_days_in_order",
                violation_error_message="“到哪天止”不能早于“从哪天起”。",
            ),
        ]

    def __str__(self) -> str:
        return self.found

    @property
    def version(self) -> int:
        """A row never changes: its number says which one was seen."""
        return self.pk

    @property
    def is_shipped(self) -> bool:
        return self.group_id is None

    @property
    def spoken(self) -> Entry:
        """As the check reads it."""
        return Entry(
            number=self.pk,
            sort=self.sort,
            found=self.found,
            advised=usual_advice(self.sort, self.found, self.advised),
            spared=spared_words(self.spared),
            note=self.note,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class WordingSwitchQuerySet(models.QuerySet["WordingSwitch"]):
    def off_in(self, edition: "WordingEdition") -> "WordingSwitchQuerySet":
        still = Q(on_in=None) | Q(on_in__gt=edition.number)
        return self.filter(still, group=edition.group_id, off_in__lte=edition.number)


class WordingSwitch(models.Model):
    """停用: a group does not use a shipped entry from one edition on, until another one puts it back."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="+", verbose_name="学习组")
    entry = models.ForeignKey(WordingEntry, models.PROTECT, related_name="switches", verbose_name="词条")
    off_in = models.PositiveIntegerField("第几版停用")
    on_in = models.PositiveIntegerField("第几版恢复", null=True)

    objects = WordingSwitchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "词条停用"
        constraints = [
            models.UniqueConstraint(
                fields=["group", "entry"], condition=Q(on_in=None), name="wording_switched_off_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry}（第{self.off_in}版停用）"


class WordingEditionQuerySet(models.QuerySet["WordingEdition"]):
    def visible_to(self, user) -> "WordingEditionQuerySet":
        return self.filter(group__in=user.authority.groups_with(Permission.READ_LIBRARY))


class WordingEdition(models.Model):
    """词库版次: every change of a group's dictionary makes one, so that a check can be repeated as it was."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="wording_editions", verbose_name="学习组")
    number = models.PositiveIntegerField("版次")
    release = models.PositiveIntegerField("随系统提供的第几批")
    note = models.CharField("改了什么", max_length=200)
    made_at = models.DateTimeField("时间")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="修改人")

    objects = WordingEditionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "词库版次"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["group", "number"], name="wording_edition_once")]

    def __str__(self) -> str:
        return f"第{self.number}版"


def edition_of(group_id: int, number: int | None = None) -> WordingEdition:
    """The latest edition of a group's dictionary, or the one that was the latest at `number`.

    A group that has changed nothing uses what is shipped: its editions are the releases, and no row.
    """
    rows = WordingEdition.objects.filter(group=group_id)
    if number is not None:
        rows = rows.filter(number__lte=number)
    found = rows.select_related("made_by").first()
    if found is None:
        release = RELEASE if number is None else max(1, min(number, RELEASE))
        found = WordingEdition(group_id=group_id, number=release, release=release, note="随系统提供的词条")
    return found


def dictionary_of(edition: WordingEdition) -> list[Entry]:
    """The entries of an edition; a group's own stands before a shipped one for the same word. One statement."""
    rows = WordingEntry.objects.in_edition(edition).order_by("pk")
    held: dict[str, WordingEntry] = {}
    for row in rows:
        if row.group_id is not None or row.found not in held:
            held[row.found] = row
    return [row.spoken for row in held.values()]
