"""What an import has written, so that it can be taken back to the letter, or refused when somebody went on with it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from studygroup.lib.errors import Refused

CHUNK = 400
# What no import changes and no batch may keep; somebody who logged in meanwhile has not gone on with the import.
NEVER_KEPT = frozenset({"password", "sign_in_pin", "last_login"})
Entry = dict[str, Any]


def plain(row: models.Model) -> dict[str, Any]:
    """Every column and own many-to-many of a row, as JSON."""
    values = {field.attname: _json(getattr(row, field.attname)) for field in row._meta.concrete_fields}
    for field in row._meta.many_to_many:
        values[field.name] = sorted(one.pk for one in getattr(row, field.name).all())
    return values


def _kept(row: models.Model) -> dict[str, Any]:
    """What may be stored of a row that was there before."""
    return {name: value for name, value in plain(row).items() if name not in NEVER_KEPT}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else value


def digest(values: dict[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


class Trace:
    """Told by a description what it makes and changes; `entries` is what the batch keeps."""

    def __init__(self) -> None:
        self._made: list[models.Model] = []
        self._before: dict[tuple[type[models.Model], int], dict[str, Any]] = {}

    def made(self, *rows: models.Model) -> None:
        """In the order they were made: those that point at others come after them."""
        self._made += rows

    def before(self, *rows: models.Model) -> None:
        """Call before these rows are changed or removed."""
        for row in rows:
            self._before.setdefault((type(row), row.pk), _kept(row))

    def entries(self) -> list[Entry]:
        """Read once everything is written."""
        found: list[Entry] = []
        changed: dict[type[models.Model], list[int]] = defaultdict(list)
        for model, pk in self._before:
            changed[model].append(pk)
        for model, ids in changed.items():
            now = _stored(model, ids)
            for pk in ids:
                before = self._before[model, pk]
                after = _kept(now[pk]) if pk in now else None
                if after != before:
                    found.append(
                        {"model": model._meta.label_lower, "id": pk, "before": before, "after": after and digest(after)}
                    )
        made: dict[type[models.Model], list[int]] = defaultdict(list)
        for row in self._made:
            made[type(row)].append(row.pk)
        for model, ids in made.items():
            now = _stored(model, ids)
            found += [
                {"model": model._meta.label_lower, "id": pk, "after": digest(plain(now[pk]))} for pk in ids if pk in now
            ]
        return found


def _stored(model: type[models.Model], ids: Sequence[int]) -> dict[int, models.Model]:
    found: dict[int, models.Model] = {}
    names = [field.name for field in model._meta.many_to_many]
    for start in range(0, len(ids), CHUNK):
        rows = model._default_manager.filter(pk__in=ids[start : start + CHUNK]).select_for_update()
        found |= {row.pk: row for row in rows.prefetch_related(*names)}
    return found


@transaction.atomic
def take_back(entries: Iterable[Entry]) -> None:
    """Remove what was made and restore what was changed. Refused, with nothing done, when a row says something else
    than the import left there, or when somebody has built on it."""
    entries = list(entries)
    by_model: dict[type[models.Model], list[Entry]] = defaultdict(list)
    for entry in entries:
        by_model[apps.get_model(entry["model"])].append(entry)
    made = {model: [e["id"] for e in told if "before" not in e] for model, told in by_model.items()}
    for model, told in by_model.items():
        _must_be_untouched(model, told)
    for model, ids in made.items():
        _must_be_alone(model, ids, made)
    for model in _pointing_first([model for model, ids in made.items() if ids]):
        for start in range(0, len(made[model]), CHUNK):
            model._default_manager.filter(pk__in=made[model][start : start + CHUNK]).delete()
    for model, told in by_model.items():
        for entry in told:
            if "before" in entry:
                _restore(model, entry)


def _pointing_first(these: Sequence[type[models.Model]]) -> list[type[models.Model]]:
    """Models in an order in which nothing is removed while another of them still points at it."""
    left, ordered = list(these), []
    while left:
        pointed = {f.related_model for one in left for f in one._meta.concrete_fields if f.related_model is not one}
        free = [one for one in left if one not in pointed] or left[:1]
        ordered += free
        left = [one for one in left if one not in free]
    return ordered


def _must_be_untouched(model: type[models.Model], told: Sequence[Entry]) -> None:
    now = _stored(model, [entry["id"] for entry in told])
    for entry in told:
        row = now.get(entry["id"])
        told_of = _kept if "before" in entry else plain
        if (row and digest(told_of(row))) != entry["after"]:
            what = f"“{row}”" if row else "有一条已经被删除"
            raise Refused(f"不能撤销：导入的{model._meta.verbose_name}{what}，导入以后又有改动。请在各自的页面里更正。")


def _must_be_alone(model: type[models.Model], ids: Sequence[int], made: dict[type[models.Model], list[int]]) -> None:
    """Nothing made since points at these rows."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and isinstance(relation, models.ForeignObjectRel)):
            continue
        other: Any = relation.related_model
        if relation.many_to_many or other._meta.auto_created is model:
            continue
        own = set(made.get(other, ()))
        for start in range(0, len(ids), CHUNK):
            chunk = {f"{relation.field.name}__in": ids[start : start + CHUNK]}
            strangers = set(other._base_manager.filter(**chunk).values_list("pk", flat=True)) - own
            if strangers:
                raise Refused(
                    f"不能撤销：导入的{model._meta.verbose_name}已经被{other._meta.verbose_name}使用。请先处理那些登记。"
                )


def _restore(model: type[models.Model], entry: Entry) -> None:
    before = dict(entry["before"])
    several = {field.name: before.pop(field.name) for field in model._meta.many_to_many}
    fields = [field for field in model._meta.concrete_fields if field.attname in before]
    values = {field.attname: field.to_python(before[field.attname]) for field in fields}
    if entry["after"] is None:
        model._base_manager.bulk_create([model(**values)])
    else:
        values.pop(model._meta.pk.attname)
        model._base_manager.filter(pk=entry["id"]).update(**values)
    if several:
        row = model._base_manager.get(pk=entry["id"])
        for name, ids in several.items():
            getattr(row, name).set(ids)
