"""Papers written before a session: 方案、通知、议程、主持词."""

from datetime import datetime

from django.urls import reverse

from accounts.permissions import Role
from sessions_app.models import AgendaItem
from sessions_app.models.session import AgendaRole
from sessions_app.paperwork.pen import (
    Block,
    Gap,
    Written,
    agenda_gap,
    day,
    fact_gap,
    heading_of,
    names,
    numeral,
    ordinal,
    people_gap,
    place_of,
    register_gap,
    speaker_of,
    when,
)
from sessions_app.paperwork.rows import SessionRows
from studygroup.lib.clock import local_date

ADDRESSED = ((Role.MEMBER, "各位成员"), (Role.EXTENDED, "扩大参加人员"), (Role.OBSERVER, "列席人员"))
SPOKEN = {
    AgendaRole.LEAD_READING: "领学",
    AgendaRole.KEYNOTE: "作重点发言",
    AgendaRole.DISCUSSION: "作交流发言",
    AgendaRole.PARTY_LECTURE: "讲党课",
    AgendaRole.GUIDANCE: "作专题辅导",
    AgendaRole.CASE_ANALYSIS: "剖析实践案例",
    AgendaRole.EXPERIENCE_SHARING: "分享典型经验",
    AgendaRole.READING_REFLECTION: "交流读书学习体悟",
    AgendaRole.ONSITE: "介绍现场情况",
}
AGENDA_HEAD, AGENDA_WIDTHS = ["序号", "环节", "发言人", "题目、篇目", "时长"], [3.0, 7, 6, 16, 5]
COMMENTED = (AgendaRole.KEYNOTE, AgendaRole.DISCUSSION, AgendaRole.CASE_ANALYSIS, AgendaRole.READING_REFLECTION)


def scheme(rows: SessionRows) -> Written:
    written = Written(heading_of(rows.session, "方案"))
    if rows.session.plan_item:
        written.section(
            "依据", f"年度、月度学习计划：{rows.session.plan_item.month}月“{rows.session.plan_item.topic}”。"
        )
    _arrangements(written, rows)
    return written


def notice(rows: SessionRows) -> Written:
    """As it was sent last; before that, as it would be sent now. Its gaps are always those of now."""
    now = notice_of_now(rows)
    return Written(rows.sent[-1].title, rows.sent[-1].blocks, now.gaps) if rows.sent else now


def notice_of_now(rows: SessionRows, called_at: datetime | None = None) -> Written:
    """After a first one it corrects it."""
    session = rows.session
    written = Written(heading_of(session, "的更正通知" if rows.sent else "的通知", before="关于开展"))
    asked = "、".join(word for category, word in ADDRESSED if rows.people(category))
    written.blocks.append({"type": "address", "text": f"{asked or written.need('', people_gap(session))}："})
    written.say("现将学习有关事项通知如下。")
    _arrangements(written, rows)
    called_at = called_at or rows.called_at
    called = day(local_date(called_at)) if called_at else ""
    told = written.need(called, Gap("通知日期（通知后自动填写）", reverse("session_detail", args=[session.pk])))
    written.sign(session.group.organization.name, told)
    return written


def changes_since(rows: SessionRows) -> list[tuple[str, str, str]]:
    """与发出时相比: (what, as it was sent, as it is now) for every section both have."""
    if not rows.sent:
        return []
    before, now = _sections(rows.sent[-1].blocks), _sections(notice_of_now(rows).blocks)
    return [(label, before[label], now[label]) for label in before if now.get(label, before[label]) != before[label]]


def _sections(blocks: list[Block]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    label = ""
    for block in blocks:
        if block["type"] in ("clause", "heading"):
            label = block.get("label", block["text"]).partition("、")[2]
            found[label] = [block["text"]] if block["type"] == "clause" else []
        elif block["type"] == "paragraph" and label:
            found[label].append(block["text"])
    return {label: "\n".join(lines) for label, lines in found.items()}


def _arrangements(written: Written, rows: SessionRows) -> None:
    """What a scheme and a notice both say. An empty thing that may be left out is left out; the rest is marked."""
    session = rows.session
    need = written.need
    written.section("学习主题", session.title)
    written.section("时间", when(session))
    written.section("地点", need(place_of(session), fact_gap(session, "地点", "place")))
    written.section("主持人", need(str(session.host or ""), fact_gap(session, "主持人", "host")))
    written.section("参加人员")
    written.say(_people(written, rows))
    written.section("学习形式", need(rows.kinds, fact_gap(session, "学习形式", "kinds_0")))
    written.section("学习内容（篇目）", need(session.content, fact_gap(session, "学习内容（篇目）", "content")))
    if rows.agenda or not session.is_held:
        written.section("学习议程")
        lines = [_agenda_line(number, item) for number, item in enumerate(rows.agenda, start=1)]
        written.say(need("\n".join(lines), agenda_gap(session)))
    if session.question:
        written.section("研讨题目", session.question)
    if session.requirements:
        written.section("学习要求", session.requirements)
    speaks = any(item.role in (AgendaRole.KEYNOTE, AgendaRole.DISCUSSION) for item in rows.agenda)
    if session.papers_due_on or (speaks and not session.is_held):
        due = need(day(session.papers_due_on), fact_gap(session, "发言材料截止日期", "papers_due_on"))
        written.section("发言材料", f"请发言人于{due}前提交发言材料，经审核后使用。")


def _people(written: Written, rows: SessionRows) -> str:
    found = []
    for category in (Role.MEMBER, Role.EXTENDED, Role.OBSERVER):
        if people := rows.people(category):
            found.append(f"{people[0].participant.get_category_display()}（{len(people)}人）：{names(people)}。")
    return "\n".join(found) or written.need("", people_gap(rows.session))


def _agenda_line(number: int, item: AgendaItem) -> str:
    title = f"：{item.title}" if item.title else ""
    return f"{number}. {item.get_role_display()}（{speaker_of(item)}）{title}"


def agenda(rows: SessionRows) -> Written:
    session = rows.session
    written = Written(heading_of(session, "议程"))
    written.facts(
        ["主题", session.title],
        ["时间", when(session)],
        ["地点", written.need(place_of(session), fact_gap(session, "地点", "place"))],
        ["主持人", written.need(str(session.host or ""), fact_gap(session, "主持人", "host"))],
    )
    table = [
        [
            str(number),
            str(item.get_role_display()),
            speaker_of(item),
            item.title,
            f"{item.minutes}分钟" if item.minutes else "",
        ]
        for number, item in enumerate(rows.agenda, start=1)
    ]
    if table:
        timed = len(AGENDA_HEAD) if any(item.minutes for item in rows.agenda) else -1
        written.table(AGENDA_HEAD[:timed], [row[:timed] for row in table], AGENDA_WIDTHS[:timed], height=11.0)
    else:
        written.say(written.need("", agenda_gap(session)))
    if session.question:
        written.blocks.append({"type": "heading", "text": "研讨题目"})
        written.say(session.question)
    return written


def host_script(rows: SessionRows) -> Written:
    """主持词: a frame with the facts in place; what the host himself says is left to him and says so."""
    session = rows.session
    written = Written(heading_of(session, "主持词"))
    host = written.need(str(session.host or ""), fact_gap(session, "主持人", "host"))
    written.blocks.append({"type": "note", "text": f"主持人：{host}　　{when(session)}"})
    written.blocks.append({"type": "address", "text": "同志们："})
    written.say(f"现在开始{session.group.name}{ordinal(session)}，主题是“{session.title}”。{_present(written, rows)}")
    content = written.need(session.content, fact_gap(session, "学习内容（篇目）", "content"))
    written.say(f"这次学习的内容是：\n{content}")
    if rows.agenda:
        written.say(f"这次学习共有{len(rows.agenda)}项议程。")
        for number, item in enumerate(rows.agenda, start=1):
            title = f"《{item.title.strip('《》')}》" if item.title else ""
            named = "，题目是" if title and item.role != AgendaRole.LEAD_READING else ""
            spoken = SPOKEN[AgendaRole(item.role)]
            written.say(f"下面进行第{numeral(number)}项，请{speaker_of(item)}同志{spoken}{named}{title}。")
            if item.role in COMMENTED:
                written.say("（发言结束后，由主持人作简要点评。）")
    else:
        written.say(written.need("", agenda_gap(session)))
    if session.requirements:
        written.say(f"下面我提几点要求：\n{session.requirements}")
    if session.closing_words:
        written.say(session.closing_words)
    else:
        written.say("（主持人小结。）")
    written.say("今天的学习到此结束，散会。")
    return written


def _present(written: Written, rows: SessionRows) -> str:
    counts = rows.counts
    expected = written.need(f"{counts.expected}人" if rows.lines else "", people_gap(rows.session))
    if not rows.session.is_held and counts.unregistered:
        mark = written.need("", register_gap(rows.session, "实到人数（签到后自动填写）"))
        return f"应到{expected}，实到{mark}。"
    leave = f"，请假{counts.leave}人" if counts.leave else ""
    absent = f"，缺席{counts.absent}人" if counts.absent else ""
    return f"应到{expected}，实到{counts.present}人{leave}{absent}。"
