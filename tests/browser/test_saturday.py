"""A whole Saturday: series → notice → leave → QR, code, kiosk, clerk → late → close → make-up → dossier."""

import hashlib
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from sessions_app import codes
from sessions_app.models import Attendance, MakeUpStudy, StudySession
from tests.browser.test_year import check_accessible
from tests.conftest import PASSWORD
from tests.uploads import picture

pytestmark = pytest.mark.browser

TOPIC = "扩大学习暨周例会"
PIN = "2580"


def lay_out_the_series(office: Page) -> StudySession:
    """Three Saturdays as drafts; the first one is called."""
    office.goto("/sessions/")
    office.get_by_role("link", name="定期学习").first.click()
    first = timezone.localdate() + timedelta(days=7)
    office.get_by_label("主题").fill(TOPIC)
    for kind in ("扩大学习", "周例会"):
        office.get_by_label(kind, exact=True).check()
    office.get_by_label("每周").select_option(str(first.weekday()))
    office.get_by_label("开始时间").fill("09:00")
    office.get_by_label("结束时间").fill("11:00")
    office.get_by_label("从哪天起").fill(first.isoformat())
    office.get_by_label("到哪天止").fill((first + timedelta(days=14)).isoformat())
    office.get_by_label("地点").fill("三楼会议室")
    office.get_by_label("参加人员").select_option("expected")
    check_accessible(office)
    office.get_by_role("button", name="下一步：列出日期").click()
    for box in office.locator("[name=day]").all():
        box.check()
    check_accessible(office)
    office.get_by_role("button", name="建立勾选的草稿").click()
    check_accessible(office)
    assert StudySession.objects.filter(title=TOPIC, state="draft").count() == 3
    office.locator("[name=session]").first.check()
    office.get_by_role("button", name="通知勾选的草稿").click()
    session = StudySession.objects.get(title=TOPIC, state="called")
    assert session.serial == 1
    return session


def send_the_notice(office: Page, session: StudySession) -> None:
    office.goto(f"/sessions/{session.pk}/papers/")
    check_accessible(office)
    with office.expect_download() as download:
        office.locator("tr, li", has_text="通知").get_by_role("link", name="Word").first.click()
    assert download.value.path().read_bytes().startswith(b"PK")


def ask_and_grant_leave(deputy: Page, secretary: Page, session: StudySession) -> None:
    deputy.goto(f"/sessions/{session.pk}/")
    check_accessible(deputy)
    deputy.get_by_role("link", name="请假").first.click()
    deputy.get_by_text("公假", exact=True).click()
    deputy.locator("[name=explanation]").fill("到县里开防汛会。")
    check_accessible(deputy)
    deputy.get_by_role("button", name="提交请假").click()
    secretary.goto("/leave/")
    check_accessible(secretary)
    secretary.get_by_role("button", name="准假", exact=True).click()
    expect(secretary.get_by_text("等您审批")).to_be_hidden()


def saturday_comes(session: StudySession) -> None:
    """The week passes: the session began five minutes ago, and half an hour later is still in time."""
    start = timezone.now() - timedelta(minutes=5)
    StudySession.objects.filter(pk=session.pk).update(starts_at=start, ends_at=start + timedelta(hours=2))
    come_in_time(session, 30)
    session.refresh_from_db()


def come_in_time(session: StudySession, minutes: int) -> None:
    session.group.late_after_minutes = minutes
    session.group.save(update_fields=["late_after_minutes"])


def choose_a_pin(m3: Page) -> None:
    m3.goto("/me/pin/")
    m3.get_by_label("登录密码").fill(PASSWORD)
    m3.get_by_label("新的签到密码").fill(PIN)
    m3.get_by_label("再输一次").fill(PIN)
    check_accessible(m3)
    m3.get_by_role("button", name="保存").click()


def sign_in_every_way(office: Page, clerk_at_kiosk: Page, m1: Page, m2: Page, session: StudySession, town) -> None:
    office.goto(f"/sessions/{session.pk}/screen/")
    check_accessible(office)
    digits = office.locator(".screen-digits").inner_text().replace(" ", "")
    m2.goto("/")
    m2.locator(".todo-list li", has_text=TOPIC).get_by_role("link", name="签到").click()
    m2.get_by_label("六位数字").fill(digits)
    m2.get_by_role("button", name="签到").click()
    expect(m2.get_by_text("已签到")).to_be_visible()
    m1.goto(f"/s/{session.pk}/{codes.token_at(session, timezone.now())}/")
    m1.get_by_role("button", name="签到").click()
    expect(m1.get_by_text("已签到")).to_be_visible()
    check_accessible(m1)

    come_in_time(session, 0)  # whoever comes from now on is late
    kiosk = clerk_at_kiosk
    kiosk.goto(f"/sessions/{session.pk}/register/kiosk/")
    check_accessible(kiosk)
    kiosk.get_by_role("button", name="在本机打开").click()
    # Nobody sits before it: it turns back to the names by itself, also without a script.
    check_accessible(kiosk, but="meta-refresh")
    kiosk.locator(".kiosk-name", has_text=town.m3.name).click()
    check_accessible(kiosk, but="meta-refresh")
    kiosk.get_by_label("本人的签到密码").fill("0000")
    kiosk.get_by_role("button", name="签到").first.click()
    expect(kiosk.get_by_text("签到密码不对")).to_be_visible()
    kiosk.get_by_label("本人的签到密码").fill(PIN)
    kiosk.get_by_role("button", name="签到").first.click()
    expect(kiosk.locator(".kiosk-done")).to_contain_text("迟到")
    kiosk.goto("/")  # nobody's account is left on the shared computer
    expect(kiosk.get_by_label("密码")).to_be_visible()

    office.goto(f"/sessions/{session.pk}/register/")
    check_accessible(office)
    office.get_by_role("button", name=f"{town.extended.name}：到", exact=True).click()
    expect(office.locator("tr", has_text=town.extended.name)).to_contain_text("代录")
    office.goto(f"/sessions/{session.pk}/register/attempts/")
    check_accessible(office)
    expect(office.locator("main")).to_contain_text("签到密码")


def close(office: Page, session: StudySession, town) -> None:
    office.goto(f"/sessions/{session.pk}/close/")
    check_accessible(office)
    office.locator("tr", has_text=town.propaganda.name).locator("select").select_option(label="缺席")
    office.get_by_label("没有选择的都按缺席处理").check()
    office.get_by_label("还没到结束时间").check()
    office.get_by_role("button", name="结束学习").click()
    session.refresh_from_db()
    assert session.is_held
    rows = Attendance.objects.filter(session=session).values_list("person__username", "status", "source")
    assert {name: (status, source) for name, status, source in rows} == {
        "m1": ("present", "qr"),
        "m2": ("present", "code"),
        "m3": ("late", "kiosk"),
        "extended": ("present", "register"),
        "deputy": ("leave", "register"),
        "propaganda": ("absent", "register"),
        "secretary": ("absent", "register"),
    }
    assert set(MakeUpStudy.objects.filter(session=session).values_list("person__username", flat=True)) == {
        "deputy",
        "propaganda",
        "secretary",
    }


def make_up(deputy: Page, office: Page) -> None:
    deputy.goto("/")
    deputy.locator(".todo-list li", has_text=TOPIC).get_by_role("link").click()
    check_accessible(deputy)
    deputy.get_by_text("自学", exact=True).click()
    deputy.locator("[name=studied_on]").fill(timezone.localdate().isoformat())
    deputy.locator("[name=content]").fill("学习记录和发言材料")
    deputy.locator("[name=note]").fill("防汛责任要落到每一座水库、每一处塘坝，回去就和包村干部对一遍名单。")
    deputy.get_by_role("button", name="提交补学").click()
    expect(deputy.locator(".message-success")).to_be_visible()
    office.goto("/make-ups/")
    office.get_by_role("link", name="核实", exact=True).click()
    check_accessible(office)
    office.get_by_role("button", name="核实", exact=True).click()
    expect(office.locator(".message-success")).to_be_visible()
    assert MakeUpStudy.objects.get(person__username="deputy").state == "confirmed"


def complete_the_dossier(office: Page, session: StudySession, run_jobs) -> None:
    """Write the record, file the signed sheet, say what does not apply, and take the whole dossier home."""
    office.goto(f"/sessions/{session.pk}/record/")
    for name, text in {
        "record": "学习了防汛会议精神，三位同志作了交流。",
        "recorder": "办公室己",
        "closing_words": "逐座水库落实责任人。",
        "content": "防汛会议精神",
    }.items():
        office.locator(f"[name={name}]").fill(text)
    office.locator("[name=host]").select_option(label="书记甲（党委书记）")
    check_accessible(office)
    office.get_by_role("button", name="保存").click()
    office.goto(f"/dossiers/{session.pk}/")
    check_accessible(office)
    office.locator("#part-sign_in_sheet summary").click()
    scan = {"name": "签到表扫描件.png", "mimeType": "image/png", "buffer": picture("PNG")}
    office.locator("#part-sign_in_sheet input[type=file]").set_input_files(scan)
    office.locator("#part-sign_in_sheet").get_by_role("button", name="存入").click()
    expect(office.locator("#part-sign_in_sheet")).to_contain_text("签到表扫描件.png")
    while (part := office.locator(".dossier-part:has([name=reason])")).count():
        part.first.locator("summary").click()
        part.first.locator("[name=reason]").fill("周例会不要求这一项")
        part.first.get_by_role("button", name="不适用").click()
    expect(office.get_by_text("该归档的都已收齐")).to_be_visible()
    office.get_by_role("button", name="生成档案包").click()
    run_jobs()
    office.goto(f"/dossiers/{session.pk}/")
    with office.expect_download() as download:
        office.get_by_role("link", name="下载档案包").click()
    check_archive(download.value.path())
    office.get_by_role("link", name="归档", exact=True).first.click()
    check_accessible(office)
    office.locator("main").get_by_role("button", name="归档").click()
    expect(office.locator(".message-success")).to_be_visible()
    session.refresh_from_db()
    assert session.is_archived


def check_archive(path) -> None:
    """Every file is named in SHA256SUMS with its right sum, and the index leads to every one of them."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        sums_name = next(name for name in names if name.endswith("SHA256SUMS"))
        folder = sums_name.removesuffix("SHA256SUMS")
        lines = archive.read(sums_name).decode().splitlines()
        sums = {folder + name.lstrip(" *"): digest for digest, _, name in (line.partition(" ") for line in lines)}
        assert set(sums) == set(names) - {sums_name}
        assert all(hashlib.sha256(archive.read(name)).hexdigest() == digest for name, digest in sums.items())
        text = " ".join(names)
        assert all(word in text for word in ("index.html", "通知", "签到表", "学习记录", "签到表扫描件.png"))


def test_a_saturday_from_series_to_dossier(town, sit_down, watch, run_jobs):
    office, kiosk = sit_down(town.office), sit_down(town.office)
    deputy, secretary, m1, m2, m3 = (
        sit_down(person, phone=True) for person in (town.deputy, town.secretary, town.m1, town.m2, town.m3)
    )
    session = lay_out_the_series(office)
    send_the_notice(office, session)
    ask_and_grant_leave(deputy, secretary, session)
    choose_a_pin(m3)
    saturday_comes(session)
    sign_in_every_way(office, kiosk, m1, m2, session, town)
    close(office, session, town)
    make_up(deputy, office)
    complete_the_dossier(office, session, run_jobs)
    assert watch.strangers == []
    assert [line for line in watch.complaints if "/kiosk/" not in line] == []  # the wrong PIN was answered with 400
