"""报备: what was reported upward, with its receipt. Removing one is that of every record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.actions.people import require
from accounts.actions.records import add_record, change_record, remove_record
from accounts.models import User
from accounts.permissions import Permission
from sessions_app.models import AnnualPlan, Filing
from sessions_app.models.filing import FilingSubject
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused
from studygroup.lib.files import Checked


@dataclass(frozen=True)
class Receipt:
    """An upload `check_upload` has accepted."""

    upload: UploadedFile
    checked: Checked


@transaction.atomic
def record_filing(filing: Filing, *, receipt: Receipt | None, by: User, at: datetime) -> Filing:
    """Note that something was reported. An annual plan can be reported only once it is approved."""
    require(by, Permission.MANAGE_LIBRARY, filing.group_id)
    _must_be_possible(filing, at)
    filing.filed_by = by
    if receipt is not None:
        filing.receipt = receipt.upload
        filing.receipt_name, filing.receipt_sha256 = receipt.checked.name, receipt.checked.sha256
    return add_record(filing, by=by, at=at)


@transaction.atomic
def change_filing(
    filing: Filing,
    *,
    seen_version: int | None,
    changes: Mapping[str, Any],
    receipt: Receipt | None,
    by: User,
    at: datetime,
) -> None:
    """Correct a row; a new receipt replaces the old one. Raises ChangedMeanwhile for the second of two writers."""
    told = dict(changes)
    if filing.filed_by_id is None:  # a row from before anybody was noted
        told["filed_by"] = by
    for name, value in told.items():
        setattr(filing, name, value)
    _must_be_possible(filing, at)
    storage, old = filing.receipt.storage, filing.receipt.name
    new = storage.save(f"filings/{receipt.checked.sha256}", receipt.upload) if receipt else ""
    if receipt is not None:
        told |= {"receipt": new, "receipt_name": receipt.checked.name, "receipt_sha256": receipt.checked.sha256}
    try:
        change_record(filing, seen_version=seen_version, changes=told, by=by, at=at)
    except Refused:
        if new:
            storage.delete(new)
        raise
    if new and old:
        transaction.on_commit(partial(storage.delete, old))


@transaction.atomic
def remove_filing(filing: Filing, *, seen_version: int | None, by: User, at: datetime) -> None:
    """Take the row out, its receipt with it; the audit keeps what it said and the receipt's SHA-256."""
    storage, name = filing.receipt.storage, filing.receipt.name
    remove_record(filing, seen_version=seen_version, by=by, at=at)
    if name:
        transaction.on_commit(partial(storage.delete, name))


def _must_be_possible(filing: Filing, at: datetime) -> None:
    """Nothing is on record as reported before it was; a plan is reported once it is approved."""
    if filing.filed_on > local_date(at):
        raise Refused("报备日期在今天以后。请在报备以后再登记。")
    if filing.subject != FilingSubject.ANNUAL_PLAN:
        return
    approved = AnnualPlan.objects.filter(review__approved_version__isnull=False)
    if not approved.filter(group=filing.group_id, year=filing.year).exists():
        raise Refused(f"{filing.year}年的学习计划还没有审定，审定以后才能报备。")
