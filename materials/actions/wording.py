"""用语词库: every change makes an edition; a row is added or retired, never rewritten. Texts are not touched by it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actions.people import require
from accounts.actions.records import ChangedMeanwhile, shown
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.models.wording import WordingEdition, WordingEntry, WordingSwitch, edition_of
from materials.wording.entries import usual_advice, why_not
from materials.wording.shipped import RELEASE, SHIPPED
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken, Refused

FACTS = ("sort", "found", "advised", "spared", "note", "valid_from", "valid_until")
MOST_ENTRIES = 2000


def ensure_wording(entries: Any = WordingEntry, editions: Any = WordingEdition, *, at: datetime) -> None:
    """Add the shipped entries that are missing and retire those no longer shipped; groups that keep a dictionary of
    their own get an edition for it. A migration passes its own models."""
    wanted = {one.found: one for one in SHIPPED}
    held = {row.found: row for row in entries.objects.filter(group=None, retired_in=None)}
    kept = {found for found, row in held.items() if found in wanted and _facts_of(row) == _told(wanted[found])}
    entries.objects.filter(group=None, retired_in=None).exclude(found__in=kept).update(retired_in=RELEASE)
    entries.objects.bulk_create(
        entries(group=None, added_in=RELEASE, **_told(one)) for found, one in wanted.items() if found not in kept
    )
    last: dict[int, Any] = {}
    for row in editions.objects.order_by("number"):
        last[row.group_id] = row
    editions.objects.bulk_create(
        editions(group_id=group_id, number=row.number + 1, release=RELEASE, note="随系统更新词条", made_at=at)
        for group_id, row in last.items()
        if row.release < RELEASE
    )


def _told(one: Any) -> dict[str, Any]:
    told = {name: getattr(one, name, None) for name in FACTS}
    return told | {"sort": str(told["sort"]), "advised": usual_advice(one.sort, one.found, one.advised)}


def _facts_of(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FACTS}


# -- editions ----------------------------------------------------------------


def _open_edition(group: StudyGroup, note: str, by: User, at: datetime) -> WordingEdition:
    """The next edition; whoever changes the same dictionary waits for the one before him."""
    require(by, Permission.KEEP_WORDING, group.pk)
    StudyGroup.objects.select_for_update().get(pk=group.pk)
    last = edition_of(group.pk)
    return WordingEdition.objects.create(
        group=group, number=last.number + 1, release=last.release, note=note[:200], made_at=at, made_by=by
    )


def _record(verb: str, edition: WordingEdition, target: Any, by: User, at: datetime, **detail: Any) -> None:
    audit.record(
        f"wording.{verb}", target=target, by=by, at=at, group_id=edition.group_id, edition=edition.number, **detail
    )


def _add(edition: WordingEdition, facts: Mapping[str, Any], replaces: WordingEntry | None = None) -> WordingEntry:
    row = _row(edition, facts, replaces)
    _must_be_alone(edition, row.found)
    row.save(force_insert=True)
    return row


def _row(edition: WordingEdition, facts: Mapping[str, Any], replaces: WordingEntry | None = None) -> WordingEntry:
    """A new row, found usable but not stored. Asks the database nothing."""
    told = {name: facts[name] for name in FACTS if name in facts}
    told["advised"] = usual_advice(told["sort"], told["found"], told.get("advised", ""))
    if why := why_not(told["sort"], told["found"], told["advised"], told.get("spared", "")):
        raise Refused(why)
    row = WordingEntry(group=edition.group, added_in=edition.number, replaces=replaces, **told)
    if row.valid_from and row.valid_until and row.valid_until < row.valid_from:
        raise Refused("“到哪天止”不能早于“从哪天起”。")
    try:
        row.full_clean(exclude={"group", "replaces"}, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise Refused("；".join(error.messages)) from error
    return row


def _must_be_alone(edition: WordingEdition, found: str) -> None:
    there = WordingEntry.objects.in_edition(edition).filter(found=found).first()
    if there:
        whose = "随系统提供的词条里" if there.is_shipped else "词库里"
        raise Refused(f"{whose}已经有“{found}”。要改，请在列表里点它的“修改”。")


def _must_have_room(edition: WordingEdition, more: int = 0) -> None:
    if WordingEntry.objects.in_edition(edition).count() + more > MOST_ENTRIES:
        raise Refused(f"词库最多 {MOST_ENTRIES} 条。请先停用不再需要的词条。")


def _retire(edition: WordingEdition, entry: WordingEntry) -> None:
    """Out of this edition and later ones. Overtaken when it is out already."""
    if entry.is_shipped:
        done = not WordingSwitch.objects.filter(group=edition.group_id, entry=entry, on_in=None).exists()
        if done:
            WordingSwitch.objects.create(group=edition.group, entry=entry, off_in=edition.number)
    else:
        rows = WordingEntry.objects.filter(pk=entry.pk, group=edition.group_id, retired_in=None)
        done = bool(rows.update(retired_in=edition.number))
    if not done:
        raise Overtaken(f"“{entry.found}”刚刚已经停用或改过，请看最新的列表。")


# -- one entry ---------------------------------------------------------------


@transaction.atomic
def add_wording(*, group: StudyGroup, by: User, at: datetime, **facts: Any) -> WordingEntry:
    edition = _open_edition(group, f"新增“{facts['found']}”", by, at)
    _must_have_room(edition, 1)
    row = _add(edition, facts)
    _record("add", edition, row, by, at, values=_texts(row))
    return row


def _texts(row: WordingEntry) -> dict[str, str]:
    return {name: shown(row, name)[:200] for name in FACTS}


@transaction.atomic
def change_wording(
    *, group: StudyGroup, entry: WordingEntry, seen_version: int, changes: Mapping[str, Any], by: User, at: datetime
) -> WordingEntry:
    """Another row in the place of this one. `seen_version` is the number of the row that was looked at."""
    edition = _open_edition(group, f"修改“{entry.found}”", by, at)
    living = _living(edition, entry)
    if living is None:
        raise Overtaken(f"“{entry.found}”刚刚被停用，您的修改没有保存。如仍需要，请先在“已停用”里恢复。")
    if living.pk != seen_version:
        raise ChangedMeanwhile(
            "别人刚刚修改过这一条，您的修改还没有保存。请对照“现在的内容”，需要以您的为准时再点一次“保存”。",
            {_label(name): shown(living, name) for name, value in changes.items() if getattr(living, name) != value},
            living.pk,
        )
    _retire(edition, living)
    row = _add(edition, {**_facts_of(living), **changes}, replaces=living)
    _record("change", edition, row, by, at, replaced=living.pk, values=_texts(row))
    return row


def _label(name: str) -> str:
    return str(WordingEntry._meta.get_field(name).verbose_name)


def _living(edition: WordingEdition, entry: WordingEntry) -> WordingEntry | None:
    """What stands in the place of an entry now: itself, or the row that replaced it."""
    seen: set[int] = set()
    now: WordingEntry | None = entry
    while now is not None and now.pk not in seen:
        if WordingEntry.objects.in_edition(edition).filter(pk=now.pk).exists():
            return now
        seen.add(now.pk)
        now = WordingEntry.objects.filter(replaces=now, group=edition.group_id).order_by("-pk").first()
    return None


@transaction.atomic
def retire_wording(*, group: StudyGroup, entry: WordingEntry, by: User, at: datetime) -> None:
    edition = _open_edition(group, f"停用“{entry.found}”", by, at)
    _retire(edition, entry)
    _record("retire", edition, entry, by, at, found=entry.found)


@transaction.atomic
def restore_wording(*, group: StudyGroup, entry: WordingEntry, by: User, at: datetime) -> WordingEntry:
    """Back in use: a shipped one is switched on, an own one comes back as a new row."""
    edition = _open_edition(group, f"恢复“{entry.found}”", by, at)
    _must_be_alone(edition, entry.found)
    _must_have_room(edition, 1)
    row = _restore(edition, entry)
    _record("restore", edition, row, by, at, found=entry.found)
    return row


def _restore(edition: WordingEdition, entry: WordingEntry) -> WordingEntry:
    if not entry.is_shipped:
        return _add(edition, _facts_of(entry), replaces=entry)
    switches = WordingSwitch.objects.filter(group=edition.group_id, entry=entry, on_in=None)
    if not switches.update(on_in=edition.number):
        raise Overtaken(f"“{entry.found}”刚刚已经恢复，请看最新的列表。")
    return entry


# -- a sheet of them ---------------------------------------------------------


@transaction.atomic
def import_wording(
    *,
    group: StudyGroup,
    new: Sequence[Mapping[str, Any]],
    changed: Sequence[tuple[WordingEntry, Mapping[str, Any]]],
    by: User,
    at: datetime,
) -> list[WordingEntry]:
    """All rows of a sheet as one edition."""
    edition = _open_edition(group, f"从表格导入：新增 {len(new)} 条，修改 {len(changed)} 条", by, at)
    _must_have_room(edition, len(new))
    for entry, _ in changed:
        _retire(edition, entry)
    rows = [_row(edition, {**_facts_of(entry), **facts}, replaces=entry) for entry, facts in changed]
    rows += [_row(edition, facts) for facts in new]
    held = set(WordingEntry.objects.in_edition(edition).values_list("found", flat=True))
    for row in rows:
        if row.found in held:
            raise Refused(f"词库里已经有“{row.found}”，或表里写了两遍。请重新上传一次，再核对。")
        held.add(row.found)
    WordingEntry.objects.bulk_create(rows)
    _record("import", edition, edition, by, at, added=len(new), changed=len(changed))
    return rows


@transaction.atomic
def take_back_import(*, group: StudyGroup, rows: Sequence[WordingEntry], by: User, at: datetime) -> None:
    """Undo an import as one more edition: its rows are retired, what they replaced comes back. Editions stay as they
    were said to be. Refused when somebody has gone on with one of the rows."""
    edition = _open_edition(group, f"撤销导入：停用 {len(rows)} 条，恢复原来的", by, at)
    gone = [row for row in rows if row.retired_in is not None]
    if gone:
        raise Refused(f"不能撤销：导入的“{gone[0].found}”导入以后又改过或停用了。请在词库里逐条更正。")
    for row in rows:
        _retire(edition, row)
    for row in rows:
        if row.replaces is not None:
            _restore(edition, row.replaces)
    _record("take_back", edition, edition, by, at, rows=len(rows))
