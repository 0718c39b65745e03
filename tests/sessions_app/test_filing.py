"""报备: only what is approved is reported; the receipt comes back to those who may read drafts."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviews.chain import State
from sessions_app.actions.filing import record_filing
from sessions_app.models import Filing
from studygroup.lib.errors import NotAllowed, Refused
from studygroup.lib.models import AuditEntry
from tests.factories import make_annual_plan, walk_to

DATA = {"subject": "annual_plan", "year": 2020, "filed_to": "县委宣传部", "filed_on": "2020-01-20", "note": ""}
PDF = b"%PDF-1.4 receipt %%EOF"


def approved(cast, **which):
    plan = make_annual_plan(cast, **which)
    walk_to(plan.review, State.APPROVED, cast)
    return plan


def receipt(content=PDF, name="回执.pdf"):
    return SimpleUploadedFile(name, content)


def filing(cast, **facts):
    row = {"subject": "roster", "year": 2020, "filed_to": "县委宣传部", "filed_on": date(2020, 1, 20), **facts}
    return Filing.objects.create(group=cast.group, **row)


def test_an_approved_plan_is_filed_from_its_page_with_subject_and_year_filled_in(cast, as_):
    approved(cast)
    page = as_(cast.office).get(f"/filings/new/?subject=annual_plan&group={cast.group.pk}&year=2020")
    form = page.context["form"]
    assert (form["subject"].value(), str(form["year"].value())) == ("annual_plan", "2020")
    response = as_(cast.office).post("/filings/new/", {**DATA, "upload": receipt()})
    assert response.headers["Location"] == f"/plans/?group={cast.group.pk}&year=2020"
    row = Filing.objects.get()
    assert (row.filed_by, row.receipt_name, len(row.receipt_sha256)) == (cast.office, "回执.pdf", 64)
    page = as_(cast.office).get(f"/plans/?group={cast.group.pk}&year=2020").content.decode()
    assert f"/filings/{row.pk}/receipt/" in page
    download = as_(cast.secretary).get(f"/filings/{row.pk}/receipt/")
    assert b"".join(download.streaming_content) == PDF
    assert download.headers["Content-Disposition"].startswith("attachment")


def test_a_plan_not_approved_cannot_be_filed(cast, as_, now):
    plan = make_annual_plan(cast)
    response = as_(cast.office).post("/filings/new/", DATA)
    assert "2020年的学习计划还没有审定" in response.content.decode()
    walk_to(plan.review, State.FINAL_GATE, cast)
    with pytest.raises(Refused, match="还没有审定"):
        record_filing(
            Filing(group=cast.group, **{**DATA, "filed_on": date(2020, 1, 20)}), receipt=None, by=cast.office, at=now
        )
    assert not Filing.objects.exists()


def test_a_roster_cannot_be_changed_into_a_plan_that_is_not_approved(cast, as_):
    row = filing(cast)
    data = {**DATA, "version": row.version}
    assert "还没有审定" in as_(cast.office).post(f"/filings/{row.pk}/edit/", data).content.decode()
    row.refresh_from_db()
    assert row.subject == "roster"


@pytest.mark.parametrize(
    "bad", [receipt(b"MZ\x90", "回执.exe"), receipt(b"<script>", "回执.pdf"), receipt(b"", "空.pdf")]
)
def test_a_receipt_that_is_no_document_is_refused(cast, as_, bad):
    approved(cast)
    response = as_(cast.office).post("/filings/new/", {**DATA, "upload": bad})
    assert response.context["form"].errors["upload"]
    assert not Filing.objects.exists()


def test_a_new_receipt_replaces_the_old_one_and_goes_with_its_row(cast, as_, django_capture_on_commit_callbacks):
    approved(cast)
    as_(cast.office).post("/filings/new/", {**DATA, "upload": receipt()})
    row = Filing.objects.get()
    storage, old = row.receipt.storage, row.receipt.name
    with django_capture_on_commit_callbacks(execute=True):
        data = {**DATA, "version": row.version, "upload": receipt(b"%PDF-1.4 other %%EOF", "新回执.pdf")}
        as_(cast.office).post(f"/filings/{row.pk}/edit/", data)
    row.refresh_from_db()
    assert (row.receipt_name, row.receipt.read()) == ("新回执.pdf", b"%PDF-1.4 other %%EOF")
    row.receipt.close()
    assert not storage.exists(old)
    with django_capture_on_commit_callbacks(execute=True):
        as_(cast.office).post(f"/filings/{row.pk}/remove/", {"version": row.version})
    assert not Filing.objects.exists()
    assert not storage.exists(row.receipt.name)
    assert AuditEntry.objects.filter(action="filing.remove").exists()


def test_second_writer_is_told_and_his_receipt_is_not_kept(cast, as_):
    row = filing(cast)
    Filing.objects.filter(pk=row.pk).update(filed_to="市委宣传部", version=1)
    kept = sorted(Path(row.receipt.storage.location).rglob("*"))
    data = {**DATA, "subject": "roster", "version": 0, "upload": receipt()}
    response = as_(cast.office).post(f"/filings/{row.pk}/edit/", data)
    assert response.status_code == 409
    assert "市委宣传部" in response.content.decode()
    row.refresh_from_db()
    assert not row.receipt
    assert [p for p in Path(row.receipt.storage.location).rglob("*") if p.is_file() and p not in kept] == []


def test_members_and_other_towns_see_no_filings(cast, as_, now):
    row = filing(cast, receipt="filings/x", receipt_name="回执.pdf")
    assert as_(cast.m1).get("/filings/").status_code == 403
    assert as_(cast.foreign_office).get(f"/filings/{row.pk}/receipt/").status_code == 404
    assert "县委宣传部" not in as_(cast.foreign_office).get("/filings/").content.decode()
    assert "县委宣传部" in as_(cast.supervisor).get("/filings/").content.decode()
    with pytest.raises(NotAllowed):
        record_filing(Filing(group=cast.group, subject="roster", year=2020), receipt=None, by=cast.secretary, at=now)


def test_list_filters_by_the_year_of_what_was_filed(cast, as_):
    filing(cast, year=2019, filed_to="去年报的单位")
    filing(cast, year=2020, filed_to="今年报的单位")
    page = as_(cast.office).get("/filings/?year=2019").content.decode()
    assert "去年报的单位" in page
    assert "今年报的单位" not in page


def test_list_asks_the_same_number_of_queries_for_1_and_30_rows(cast, as_):
    client = as_(cast.office)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/filings/").status_code == 200
        return len(captured)

    filing(cast, filed_by=cast.office)
    queries()
    few = queries()
    for year in range(2001, 2030):
        filing(cast, year=year, filed_by=cast.propaganda)
    assert queries() == few <= 12


def test_nothing_is_on_record_as_reported_before_it_was(cast, as_, now):
    tomorrow = timezone.localdate() + timedelta(days=1)
    told = {**DATA, "subject": "roster", "group": cast.group.pk, "filed_on": tomorrow.isoformat()}
    assert "报备日期在今天以后" in as_(cast.office).post("/filings/new/", told).content.decode()
    assert not Filing.objects.exists()
    there = filing(cast)
    changed = {**told, "version": there.version}
    assert "报备日期在今天以后" in as_(cast.office).post(f"/filings/{there.pk}/edit/", changed).content.decode()
    there.refresh_from_db()
    assert there.filed_on == date(2020, 1, 20)


@pytest.mark.parametrize(
    ("subject", "thing"),
    [("annual_plan", "2026年度学习计划"), ("roster", "2026年学习组名单"), ("year_report", "2026年度学习情况报告")],
)
def test_what_was_reported_is_named_with_its_year_once(subject, thing):
    assert Filing(subject=subject, year=2026).thing == thing
