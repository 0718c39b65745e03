"""操作记录: one append-only row per change, written in the change's own transaction.

Rows are linked into a hash chain a little later by `seal` (every minute and before every check), because linking
inside each transaction would make all writers wait for one another.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models, transaction

from studygroup.lib.rows import insert

_origin: ContextVar[str] = ContextVar("audit_origin", default="")


@contextmanager
def origin(address: str) -> Iterator[None]:
    token = _origin.set(address)
    try:
        yield
    finally:
        _origin.reset(token)


def record(
    action: str,
    *,
    target: models.Model,
    by: models.Model | None,
    at: datetime,
    group_id: int | None = None,
    on_behalf_of: models.Model | None = None,
    **detail: Any,
) -> None:
    """Write one row. `by` is None only for commands run on the server; `detail` must be JSON."""
    entry = apps.get_model("lib", "AuditEntry")(
        action=action,
        target_type=target._meta.label_lower,
        target_id=target.pk,
        actor_id=by and by.pk,
        on_behalf_of_id=on_behalf_of and on_behalf_of.pk,
        group_id=group_id,
        at=at,
        address=_origin.get(),
        detail=detail,
    )
    insert(entry)


def digest_of(entry: Any, previous: str) -> str:
    """SHA-256 over the previous digest and every column of the entry."""
    content = {
        "id": entry.pk,
        "at": int(entry.at.timestamp() * 1_000_000),
        "actor": entry.actor_id,
        "on_behalf_of": entry.on_behalf_of_id,
        "action": entry.action,
        "target": [entry.target_type, entry.target_id],
        "group": entry.group_id,
        "address": entry.address,
        "detail": entry.detail,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((previous + text).encode()).hexdigest()


@transaction.atomic
def seal(limit: int = 20_000) -> int:
    """Link the rows not yet linked; returns how many. Two sealers at once: the second fails and tries later."""
    Entry, Seal = apps.get_model("lib", "AuditEntry"), apps.get_model("lib", "AuditSeal")
    last = Seal.objects.order_by("-number").first()
    number, digest = (last.number, last.digest) if last else (0, "")
    seals = []
    for entry in Entry.objects.filter(seal=None).order_by("pk")[:limit]:
        number += 1
        digest = digest_of(entry, digest)
        seals.append(Seal(number=number, entry=entry, digest=digest))
    Seal.objects.bulk_create(seals, batch_size=500)
    return len(seals)


@dataclass(frozen=True)
class Fault:
    """One place where the chain does not hold."""

    number: int
    message: str


def verify() -> list[Fault]:
    """Walk the whole chain: changed, missing and swapped rows, and gaps in the numbering."""
    Seal = apps.get_model("lib", "AuditSeal")
    faults: list[Fault] = []
    digest, expected = "", 0
    for link in Seal.objects.select_related("entry").order_by("number").iterator(chunk_size=2000):
        expected += 1
        if link.number != expected:
            faults.append(Fault(expected, f"第 {expected} 条封存记录缺失。"))
            expected = link.number
        if link.entry is None:
            faults.append(Fault(link.number, "所指的操作记录已不存在。"))
        elif digest_of(link.entry, digest) != link.digest:
            faults.append(Fault(link.number, f"操作记录 {link.entry_id} 的内容或顺序与封存时不一致。"))
        digest = link.digest
    return faults
