"""Papers written from the register and the record: 签到表、学习记录、请假汇总、学习简报."""

from accounts.permissions import Role
from sessions_app.models import AgendaItem, LeaveRequest, MakeUpStudy
from sessions_app.models.attendance import ATTENDED, AttendanceSource, AttendanceStatus
from sessions_app.models.session import SPEAKERS, AgendaRole
from sessions_app.paperwork.before import SPOKEN
from sessions_app.paperwork.pen import (
    Written,
    away_gap,
    day,
    fact_gap,
    heading_of,
    host_of,
    moment,
    names,
    ordinal,
    people_gap,
    place_of,
    record_gap,
    register_gap,
    speaker_of,
    when,
)
from sessions_app.paperwork.rows import SessionRows
from sessions_app.statistics import UNAPPROVED_LEAVE, Line
from studygroup.lib.clock import local_date

SHEET_HEAD, SHEET_WIDTHS = ["序号", "姓名", "职务", "类别", "签名", "时间", "备注"], [3.2, 5, 11, 5.1, 7, 3.7, 6.7]
SHEET_HEIGHT = 7.0  # millimetres: a township group of some twenty on one page
SPARE_LINES = 3  # before the session: for whoever comes unexpected
LEAVE_HEAD = [
    "序号",
    "姓名",
    "职务",
    "事由",
    "申请时间",
    "审批意见",
    "补学方式",
    "补学日期",
    "补学内容",
    "核实人",
    "状态",
]
LEAVE_WIDTHS = [3.7, 5, 7.5, 9, 7, 9, 6, 7, 9, 5, 5.2]
OWN_HAND = (AttendanceSource.QR, AttendanceSource.CODE, AttendanceSource.KIOSK)


def sign_in_sheet(rows: SessionRows) -> Written:
    session, counts = rows.session, rows.counts
    written = Written(heading_of(session, "签到表"))
    blank, done = "　　", session.is_held
    written.facts(
        ["主题", session.title],
        ["时间", when(session)],
        ["地点", written.need(place_of(session), fact_gap(session, "地点", "place"))],
        [
            "人数",
            f"应到{counts.expected}　实到{counts.present if done else blank}　"
            f"请假{counts.leave if done else blank}　缺席{counts.absent if done else blank}",
        ],
        height=SHEET_HEIGHT,
    )
    if not rows.lines:
        written.say(written.need("", people_gap(session)))
    if done and counts.unregistered:
        written.blocks.append({"type": "gap", "text": written.need("", register_gap(session))})
    spare = [] if done else [[""] * len(SHEET_HEAD)] * SPARE_LINES
    table = [*(_sheet_row(line) for line in rows.lines), *spare]
    written.table(SHEET_HEAD, table, SHEET_WIDTHS, size=10.5, height=SHEET_HEIGHT)
    written.blocks.append({"type": "note", "text": "会务人员：＿＿＿＿＿＿　　核对日期：＿＿＿＿＿＿"})
    return written


def _sheet_row(line: Line) -> list[str]:
    participant, row = line.participant, line.attendance
    told, time = "", ""
    if row is not None:
        if row.source in OWN_HAND:
            time = moment(row.at).rpartition(" ")[2]
            told = f"{row.get_source_display()}签到"
        elif row.attended:
            told = "代录"
        if row.status == AttendanceStatus.LEAVE:
            told = f"请假（{row.get_leave_reason_display()}）{UNAPPROVED_LEAVE if line.is_unapproved else ''}"
        elif row.status in (AttendanceStatus.LATE, AttendanceStatus.ABSENT):
            told = f"{told} {row.get_status_display()}".strip()
    category = participant.get_category_display()
    return [str(participant.number), participant.person.name, participant.title, category, "", time, told]


def record(rows: SessionRows) -> Written:
    session = rows.session
    written = Written(heading_of(session, "记录"))
    ask = written.need
    written.facts(
        ["主题", session.title],
        ["时间", when(session)],
        ["地点", ask(place_of(session), fact_gap(session, "地点", "place"))],
        [
            "主持人",
            ask(*host_of(session, is_away=rows.is_away(session.host_id))),
            "记录人",
            ask(session.recorder, record_gap(session, "记录人", "recorder")),
        ],
        *_attendance(written, rows),
    )
    written.section("学习内容（篇目）", ask(session.content, fact_gap(session, "学习内容（篇目）", "content")))
    written.section("学习方式", ask(rows.kinds, fact_gap(session, "学习形式", "kinds_0")))
    happened, lacking = _happened(written, rows)
    if happened or lacking:
        lines = [f"{n}. {i.get_role_display()}（{speaker_of(i)}）{i.title}" for n, i in enumerate(happened, start=1)]
        written.section("学习议程", "\n".join([*lines, *lacking]))
    written.section("发言要点", ask(session.record, record_gap(session, "学习记录", "record")))
    written.section("主持人小结", ask(session.closing_words, record_gap(session, "主持人小结", "closing_words")))
    return written


def _happened(written: Written, rows: SessionRows) -> tuple[list[AgendaItem], list[str]]:
    """The agenda without whoever was not there, and a mark for each of those."""
    away = [item for item in rows.agenda if rows.is_away(item.speaker_id)]
    called = [SPEAKERS.get(AgendaRole(item.role), "发言人") for item in away]
    gaps = [away_gap(rows.session, word, speaker_of(item)) for word, item in zip(called, away, strict=True)]
    return [item for item in rows.agenda if item not in away], [written.need("", gap) for gap in dict.fromkeys(gaps)]


def _attendance(written: Written, rows: SessionRows) -> list[list[str]]:
    """参加、列席、缺席及原因; before the register is complete it says that it is not."""
    counts = rows.counts
    if not rows.lines:
        return [["参加人员", written.need("", people_gap(rows.session))]]
    if counts.unregistered:
        missing = written.need("", register_gap(rows.session))
        return [["参加人员", f"应到{counts.expected}人，登记{counts.expected - counts.unregistered}人。{missing}"]]
    present = rows.standing(*ATTENDED)
    shown = [["参加人员", f"{names(present)}（应到{counts.expected}人，实到{counts.present}人）"]]
    if observers := [line for line in rows.people(Role.OBSERVER) if line.attended]:
        shown.append(["列席人员", names(observers)])
    shown.append(["缺席及原因", "、".join(_absent(line) for line in _away(rows)) or "无"])
    return shown


def _away(rows: SessionRows) -> list[Line]:
    return rows.standing(AttendanceStatus.LEAVE, AttendanceStatus.ABSENT)


def _absent(line: Line) -> str:
    assert line.attendance is not None
    reason = line.attendance.get_leave_reason_display() or line.attendance.get_status_display()
    unapproved = f"，{UNAPPROVED_LEAVE}" if line.is_unapproved else ""
    return f"{line.participant.person.name}（{reason}{unapproved}）"


def leave_summary(rows: SessionRows) -> Written:
    """Whoever asked for leave or was away, and how he made it up."""
    session = rows.session
    written = Written(heading_of(session, "请假补学汇总"))
    written.blocks.insert(0, {"type": "section", "landscape": True})
    written.facts(["主题", session.title], ["时间", when(session)], ["人数", _leave_counts(rows)])
    if rows.counts.unregistered and rows.session.is_held:
        written.blocks.append({"type": "gap", "text": written.need("", register_gap(session))})
    asked = {leave.person_id: leave for leave in rows.leaves}
    make_ups = {make_up.person_id: make_up for make_up in rows.make_ups}
    away = {line.participant.person_id for line in _away(rows)}
    lines = [line for line in rows.lines if line.participant.person_id in {*asked, *make_ups, *away}]
    table = [
        _leave_row(n, line, asked.get(line.participant.person_id), make_ups.get(line.participant.person_id))
        for n, line in enumerate(lines, start=1)
    ]
    if table:
        written.table(LEAVE_HEAD, table, LEAVE_WIDTHS, size=10.5)
    else:
        written.say("本次学习没有人请假或缺席。" if session.is_held else "还没有人请假。")
    return written


def _leave_counts(rows: SessionRows) -> str:
    counts = rows.counts
    return f"应到{counts.expected}　请假{counts.leave}　缺席{counts.absent}"


def _leave_row(number: int, line: Line, leave: LeaveRequest | None, made_up: MakeUpStudy | None) -> list[str]:
    row, person = line.attendance, line.participant
    reason = f"{leave.get_reason_display()}：{leave.explanation}" if leave else ""
    if not reason and row is not None:
        reason = str(row.get_leave_reason_display() or row.get_status_display())
    return [
        str(number),
        person.person.name,
        person.title,
        reason,
        moment(leave.asked_at) if leave else "",
        UNAPPROVED_LEAVE if line.is_unapproved else _decision(leave) if leave else "",
        str(made_up.get_method_display()) if made_up else "",
        day(made_up.studied_on) if made_up else "",
        made_up.content if made_up else "",
        str(made_up.confirmed_by or "") if made_up else "",
        str(made_up.get_state_display()) if made_up else "",
    ]


def _decision(leave: LeaveRequest) -> str:
    if leave.decided_by is None:
        return str(leave.get_state_display())
    behalf = f"受{leave.on_behalf_of.name}委托" if leave.on_behalf_of else ""
    return "　".join(filter(None, [str(leave.get_state_display()), leave.answer, f"{leave.decided_by.name}{behalf}"]))


def bulletin(rows: SessionRows) -> Written:
    """学习简报: a frame from the rows; the office edits the words in Word."""
    session, counts = rows.session, rows.counts
    written = Written(heading_of(session, "简报"))
    need = written.need
    place = need(place_of(session).replace("　", ""), fact_gap(session, "地点", "place"))
    host = need(*host_of(session, is_away=rows.is_away(session.host_id)))
    kinds = need(rows.kinds, fact_gap(session, "学习形式", "kinds_0"))
    missing = not rows.lines or counts.unregistered
    who = need("" if missing else f"应到{counts.expected}人，实到{counts.present}人", register_gap(session))
    written.say(
        f"{day(local_date(session.starts_at))}，{session.group.name}在{place}开展{ordinal(session)}，主题是“{session.title}”，"
        f"形式为{kinds}。{host}主持，{who}。"
    )
    content = need(session.content, fact_gap(session, "学习内容（篇目）", "content"))
    written.section("学习内容", content)
    happened, lacking = _happened(written, rows)
    spoken = [f"{speaker_of(i)}{SPOKEN[AgendaRole(i.role)]}{_titled(i.title)}" for i in happened] + lacking
    if spoken:
        written.section("学习过程", "；".join(spoken) + "。")
    written.section("研讨要点", need(session.record, record_gap(session, "学习记录", "record")))
    written.section("主持人小结", need(session.closing_words, record_gap(session, "主持人小结", "closing_words")))
    written.sign(session.group.organization.name, day(local_date(session.starts_at)))
    return written


def _titled(title: str) -> str:
    return f"《{title.strip('《》')}》" if title else ""
