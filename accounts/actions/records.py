"""登记: rows a group's office keeps (资料、发放、宣传、案例), all added, changed and removed in the same way.

Their models have `group` and `version`. A noun with a rule of its own checks it first, in the same transaction.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.formats import date_format

from accounts.actions.people import require
from accounts.models import User
from accounts.permissions import Permission
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken, Refused

Record = Any  # a model with `group` and `version`
R = TypeVar("R")

REMOVED = "remove"


class ChangedMeanwhile(Overtaken):
    """Carries the version that stands there now, so that saving again can be knowing."""

    def __init__(self, message: str, current: Mapping[str, str] | None = None, version: int | None = None) -> None:
        super().__init__(message, current)
        self.version = version


@transaction.atomic
def add_record(record: R, *, by: User, at: datetime) -> R:
    """Store a new row. Refused when a constraint or another group's row stands against it."""
    row: Record = record
    require(by, Permission.MANAGE_LIBRARY, row.group_id)
    _check(row)
    _store(lambda: row.save(force_insert=True))
    _write(row, "add", by, at, _texts(row))
    return record


@transaction.atomic
def change_record(
    record: Record, *, seen_version: int | None, changes: Mapping[str, Any], by: User, at: datetime
) -> None:
    """Change the fields named. Raises ChangedMeanwhile for the second of two writers."""
    require(by, Permission.MANAGE_LIBRARY, record.group_id)
    for name, value in changes.items():
        setattr(record, name, value)
    _check(record)
    swap_version(record, seen_version=seen_version, changes=changes)
    _write(record, "change", by, at, {name: shown(record, name)[:200] for name in changes})


@transaction.atomic
def remove_record(record: Record, *, seen_version: int | None, by: User, at: datetime) -> None:
    """Take a row out; the audit keeps the beginning of every field. Refused while other rows need it."""
    require(by, Permission.MANAGE_LIBRARY, record.group_id)
    texts = _texts(record)
    try:
        removed, _ = type(record)._default_manager.filter(pk=record.pk, version=seen_version).delete()
    except models.ProtectedError as error:
        kinds = "、".join(sorted({str(row._meta.verbose_name) for row in error.protected_objects}))
        raise Refused(f"“{record}”已被{kinds}使用，不能删除。请先处理这些登记。") from error
    if not removed:
        raise Overtaken("这条登记刚刚被别人修改或删除，您的删除没有生效。请看最新内容后再决定。")
    _write(record, REMOVED, by, at, texts)


def swap_version(record: Record, *, seen_version: int | None, changes: Mapping[str, Any]) -> None:
    """Store the changes only onto the version that was seen. Raises ChangedMeanwhile, also for no version at all."""
    rows = type(record)._default_manager.filter(pk=record.pk, version=seen_version)
    changed = _store(lambda: rows.update(**changes, version=models.F("version") + 1))
    if not changed:
        raise overtaken(record, changes)
    record.version = (seen_version or 0) + 1


def overtaken(record: Record, changes: Mapping[str, Any]) -> ChangedMeanwhile:
    """What to tell the second writer: the fields in which the stored row differs from his."""
    now = type(record)._default_manager.filter(pk=record.pk).first()
    if now is None:
        return ChangedMeanwhile("这条登记刚刚被别人删除，您填写的内容没有保存。如仍需要，请重新登记。")
    current = {
        str(now._meta.get_field(name).verbose_name): shown(now, name)
        for name, value in changes.items()
        if getattr(now, name) != value
    }
    return ChangedMeanwhile(
        "别人刚刚修改过这条登记，您的修改还没有保存。请对照“现在的内容”，需要以您的为准时再点一次“保存”。",
        current,
        now.version,
    )


def shown(record: Record, name: str) -> str:
    """A field's value as people read it."""
    choice = getattr(record, f"get_{name}_display", None)
    value = choice() if choice else getattr(record, name)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    return "（空）" if value in (None, "") else str(value)


def _check(record: Record) -> None:
    try:
        record.full_clean()
    except ValidationError as error:
        raise Refused(_sentence(record, error)) from error
    for field in record._meta.fields:
        related = getattr(record, field.name) if isinstance(field, models.ForeignKey) else None
        if getattr(related, "group_id", record.group_id) != record.group_id:
            raise Refused(f"所选的{field.verbose_name}不属于这个学习组。")


def _sentence(record: Record, error: ValidationError) -> str:
    found = [one for errors in error.error_dict.values() for one in errors]
    if any(one.code in ("unique", "unique_together") for one in found):
        return f"已经有同样的{record._meta.verbose_name}，没有重复登记。"
    return "；".join(error.messages)


def _store(write: Any) -> Any:
    try:
        with transaction.atomic():
            return write()
    except IntegrityError as error:
        raise Refused("已经有同样的登记，没有重复登记。") from error


def _texts(record: Record) -> dict[str, str]:
    return {field.name: shown(record, field.name)[:200] for field in record._meta.fields if field.name != "id"}


def _write(record: Record, verb: str, by: User, at: datetime, detail: Mapping[str, str]) -> None:
    audit.record(
        f"{record._meta.model_name}.{verb}", target=record, by=by, at=at, group_id=record.group_id, values=dict(detail)
    )
