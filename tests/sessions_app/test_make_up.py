"""补学: handed in by whoever missed a session, confirmed by somebody else, and counted in the register."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_app.actions.make_up import confirm, excuse, give_back, hand_in, take_back
from sessions_app.models import LeaveRequest, MakeUpStudy
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from tests.factories import make_closed_session

NOTE = "看了讲话原文，准备把防汛值班表重新排一遍。"


@pytest.fixture
def study(cast):
    make_closed_session(cast, status={cast.m1.pk: "leave"}, content="《求是》2020年第3期文章", question="怎样抓落实？")
    return MakeUpStudy.objects.select_related("session__group", "person").get()


def filled(study, **changes):
    today = timezone.localdate().isoformat()
    return {
        "method": "self_study", "studied_on": today, "content": "第3期文章", "note": NOTE, "version": study.version,
    } | changes  # fmt: skip


def handed_in(cast, study):
    told = {"method": "told", "studied_on": timezone.localdate(), "content": "原文", "note": NOTE}
    hand_in(make_up=study, seen_version=study.version, by=cast.m1, at=timezone.now(), **told)
    study.refresh_from_db()
    return study


def judge(client, study, decision, answer="", version=None):
    data = {"decision": decision, "answer": answer, "version": study.version if version is None else version}
    return client.post(f"/make-ups/{study.pk}/judge/", data)


def test_from_the_phone_to_the_confirmed_absence(cast, as_, study):
    phone = as_(cast.m1)
    page = phone.get(f"/make-ups/{study.pk}/").content.decode()
    for text in ("《求是》2020年第3期文章", "怎样抓落实？", "还有 13 天", "data-keep"):
        assert text in page
    assert "核实</button>" not in page
    page = phone.post(f"/make-ups/{study.pk}/", filled(study), follow=True).content.decode()
    assert "已提交，等办公室核实。" in page
    study.refresh_from_db()
    assert (study.state, study.note, study.handed_in_by) == ("handed_in", NOTE, cast.m1)
    office = as_(cast.office)
    assert "成员一　第一次集体学习研讨" in office.get("/make-ups/").content.decode()
    judge(office, study, "confirm", "属实")
    study.refresh_from_db()
    assert (study.state, study.confirmed_by, study.answer) == ("confirmed", cast.office, "属实")
    assert "已补学" in phone.get("/make-ups/").content.decode()


def test_what_is_missing_or_impossible_is_told_and_nothing_lost(cast, as_, study):
    phone = as_(cast.m1)
    for data, told in (
        (filled(study, method=""), "请选择补学方式。"),
        (filled(study, method="telepathy"), "telepathy"),
        (filled(study, note=""), "请填写这一项。"),
        (filled(study, studied_on=(timezone.localdate() + timedelta(days=1)).isoformat()), "补学日期还没有到"),
        (filled(study, studied_on="2020-01-01"), "补学日期不能早于那次学习"),
        (filled(study, studied_on="0202-01-01"), "日期应在 2000 年到 2100 年之间。"),
        (filled(study, content="长" * 301), "最多 300 个字"),
    ):
        response = phone.post(f"/make-ups/{study.pk}/", data)
        assert response.status_code == 400
        assert told in response.content.decode()
        assert data["note"] in response.content.decode()
    study.refresh_from_db()
    assert study.state == "due"


def test_two_at_once_second_is_told_and_keeps_his_text(cast, as_, study):
    old = filled(study, note="另一台手机上写的。")
    handed_in(cast, study)
    response = as_(cast.m1).post(f"/make-ups/{study.pk}/", old)
    page = response.content.decode()
    assert response.status_code == 409
    assert "另一台手机上写的。" in page
    assert NOTE in page
    again = as_(cast.m1).post(f"/make-ups/{study.pk}/", old | {"version": study.version})
    assert again.status_code == 302
    study.refresh_from_db()
    assert study.note == "另一台手机上写的。"
    # The clerk looked at the first text: his confirmation does not fall on the second.
    assert judge(as_(cast.office), study, "confirm", version=study.version - 1).status_code == 409
    study.refresh_from_db()
    assert study.state == "handed_in"


def test_given_back_with_a_sentence_and_handed_in_again(cast, as_, study):
    handed_in(cast, study)
    response = judge(as_(cast.propaganda), study, "give_back", " ")
    assert response.status_code == 400
    assert "请写一句哪里要补充" in response.content.decode()
    judge(as_(cast.propaganda), study, "give_back", "请结合分管工作写。")
    study.refresh_from_db()
    assert (study.state, study.note) == ("due", NOTE)
    page = as_(cast.m1).get(f"/make-ups/{study.pk}/").content.decode()
    assert "退回意见：请结合分管工作写。" in page
    assert NOTE in page


def test_excused_needs_a_reason_and_can_be_taken_back(cast, study, now):
    told = {"make_up": study, "by": cast.office, "at": now}
    with pytest.raises(Refused, match="免补请写明理由"):
        excuse(seen_version=0, answer="", **told)
    excuse(seen_version=0, answer="按组长意见，全程参加县里同一专题学习", **told)
    study.refresh_from_db()
    assert (study.state, study.confirmed_by) == ("excused", cast.office)
    with pytest.raises(Overtaken):
        confirm(seen_version=study.version, answer="", **told)
    take_back(seen_version=study.version, **told)
    study.refresh_from_db()
    assert (study.state, study.confirmed_by) == ("due", None)


def test_nobody_confirms_his_own_nor_what_he_handed_in(cast, as_, now):
    make_closed_session(cast, status={cast.propaganda.pk: "absent", cast.m2.pk: "absent"})
    own = MakeUpStudy.objects.get(person=cast.propaganda)
    written = {"method": "told", "studied_on": timezone.localdate(), "content": "原文", "note": NOTE}
    hand_in(make_up=own, seen_version=0, by=cast.propaganda, at=now, **written)
    own.refresh_from_db()
    for act in (confirm, give_back, excuse):
        with pytest.raises(NotAllowed):
            act(make_up=own, seen_version=own.version, answer="同意", by=cast.propaganda, at=now)
    others = MakeUpStudy.objects.get(person=cast.m2)
    hand_in(make_up=others, seen_version=0, by=cast.office, at=now, **written)
    others.refresh_from_db()
    with pytest.raises(NotAllowed):
        confirm(make_up=others, seen_version=others.version, answer="", by=cast.office, at=now)
    assert judge(as_(cast.m1), others, "confirm").status_code == 403
    assert judge(as_(cast.secretary), others, "confirm").status_code == 403
    confirm(make_up=others, seen_version=others.version, answer="", by=cast.propaganda, at=now)
    page = as_(cast.office).get(f"/make-ups/{others.pk}/").content.decode()
    assert "办公室己代为提交" in page


def test_nobody_else_sees_or_writes_it(cast, as_, study):
    for person in (cast.m2, cast.extended, cast.foreign_office, cast.sub_office, cast.supervisor):
        assert as_(person).get(f"/make-ups/{study.pk}/").status_code == 404
        assert as_(person).post(f"/make-ups/{study.pk}/", filled(study)).status_code == 404
    study.refresh_from_db()
    assert study.state == "due"


def test_overdue_is_told(cast, as_, study):
    MakeUpStudy.objects.update(due_on=timezone.localdate() - timedelta(days=2))
    assert "已超期 2 天" in as_(cast.m1).get("/make-ups/").content.decode()
    page = as_(cast.office).get("/leave/register/?state=study-overdue").content.decode()
    assert "补学逾期" in page.split("<tbody>")[1]
    assert "没有符合条件的登记" in as_(cast.office).get("/leave/register/?state=study-confirmed").content.decode()


def test_register_filters_and_leaks_nothing(cast, as_, study):
    make_closed_session(cast, title="另一次", status={cast.m2.pk: "absent"})
    office = as_(cast.office)
    page = office.get(f"/leave/register/?person={cast.m1.pk}&year={timezone.localdate().year}").content.decode()
    assert "第一次集体学习研讨" in page
    assert "另一次" not in page
    for nonsense in ("?person=x&year=-1&state=drop&group=99999", "?page=999"):
        assert "另一次" in office.get(f"/leave/register/{nonsense}").content.decode()
    assert as_(cast.m1).get("/leave/register/").status_code == 403
    foreign = as_(cast.foreign_office).get(f"/leave/register/?person={cast.m1.pk}").content.decode()
    assert "成员一" not in foreign
    assert "第一次集体学习研讨" not in foreign


def test_register_as_a_workbook_with_text_cells(cast, as_, study):
    handed_in(cast, study)
    MakeUpStudy.objects.update(note="=1+1")
    LeaveRequest.objects.create(
        session=study.session, person=cast.m1, reason="official", explanation="县里开会", state="granted",
        asked_at=timezone.now(), decided_by=cast.deputy, on_behalf_of=cast.secretary, decided_at=timezone.now(),
        answer="同意",
    )  # fmt: skip
    response = as_(cast.office).get("/leave/register/workbook/")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    head = [cell.value for cell in sheet[2]]
    row = dict(zip(head, [cell for cell in sheet[3]], strict=True))
    assert row["组长意见"].value == "已准假　同意　副书记乙受书记甲委托"
    assert (row["体会"].value, row["体会"].data_type) == ("=1+1", "s")
    assert (row["事由"].value, row["补学方式"].value, row["状态"].value) == ("公假", "请人传达", "待核实")


@pytest.mark.parametrize("address", ["/make-ups/", "/leave/register/"])
def test_lists_take_the_same_statements_for_one_and_thirty(cast, as_, now, address):
    client, counted = as_(cast.propaganda), []
    for number in (1, 29):
        for n in range(number):
            session = make_closed_session(
                cast,
                starts_at=now - timedelta(days=2, minutes=n),
                status={cast.m1.pk: "leave", cast.propaganda.pk: "absent"},
            )
            handed_in(cast, MakeUpStudy.objects.get(session=session, person=cast.m1))
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 14
