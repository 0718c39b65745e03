"""学习活动: list, make, change, call, close, record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.actions.people import require
from accounts.models import Membership, StudyGroup
from accounts.permissions import Permission, Role, holds
from sessions_app.actions import session as actions
from sessions_app.actions.session import Speaker
from sessions_app.forms.session import (
    AgendaFormSet,
    CloseForm,
    NoFields,
    ParticipantsForm,
    RecordForm,
    SessionFilter,
    SessionForm,
)
from sessions_app.models import AgendaItem, Attendance, LeaveRequest, Participant, PlanItem, StudySession
from sessions_app.models.attendance import AttendanceStatus
from sessions_app.models.session import AgendaRole, SessionState
from sessions_app.rules import planned_time
from sessions_app.statistics import count, lines_of
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Overtaken, Refused
from studygroup.lib.forms import changes_of, posted, refuse_stale
from studygroup.lib.once import once
from studygroup.lib.paging import page_of
from studygroup.lib.parse import whole_number

MANAGE = holds(Permission.MANAGE_SESSIONS)
STATE_TONES = {
    SessionState.DRAFT: "off",
    SessionState.CALLED: "wait",
    SessionState.CLOSED: "good",
    SessionState.ARCHIVED: "good",
}
STATUS_TONES = {
    AttendanceStatus.PRESENT: "good",
    AttendanceStatus.LATE: "wait",
    AttendanceStatus.LEAVE: "off",
    AttendanceStatus.ABSENT: "bad",
}
STATUS_LABELS = dict(AttendanceStatus.choices)
DEPARTMENT_WITH_HEADING = 3  # people; fewer would make a page of headings


def seen_session(request: HttpRequest, pk: int) -> StudySession:
    """The session, if this person may see it at all."""
    sessions = StudySession.objects.visible_to(request.user).select_related("group", "host", "site", "plan_item")
    return get_object_or_404(sessions, pk=pk)


def managed_session(request: HttpRequest, pk: int) -> StudySession:
    """The session, for those who arrange its group's sessions."""
    session = seen_session(request, pk)
    require(request.user, Permission.MANAGE_SESSIONS, session.group_id)
    return session


# -- the list ----------------------------------------------------------------


@access(SIGNED_IN, form=SessionFilter)
def session_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    visible = StudySession.objects.visible_to(user)
    years = [first.year for first in visible.datetimes("starts_at", "year", order="DESC")]
    groups = StudyGroup.objects.visible_to(user) if len(user.authority.roles) > 1 else []
    form = SessionFilter(request.GET, years=years, groups=list(groups))
    rows = _filtered(visible, form).with_counts().with_own_status(user)
    rows = rows.select_related("group").prefetch_related("kinds").defer("content", "question", "record")
    return render(
        request,
        "sessions_app/session_list.html",
        {
            "form": form,
            "page": page_of(request, rows),
            "is_filtered": any(form.cleaned_data.values()),
            "several_groups": "group" in form.fields,
            "reads_group": user.authority.holds(Permission.READ_SESSIONS),
            "may_create": user.authority.holds(Permission.MANAGE_SESSIONS),
            "state_tones": STATE_TONES,
            "status_tones": STATUS_TONES,
            "status_labels": STATUS_LABELS,
        },
    )


def _filtered(sessions: QuerySet, form: SessionFilter) -> Any:
    if year := form.chosen("year"):
        sessions = sessions.in_year(year)
    if kind := form.chosen("kind"):
        sessions = sessions.filter(kinds__slug=kind)
    if state := form.chosen("state"):
        sessions = sessions.filter(state=state)
    if group := form.chosen("group"):
        sessions = sessions.filter(group=group)
    return sessions


# -- one session -------------------------------------------------------------


@dataclass(frozen=True)
class Next:
    """The one thing to do now: a link, or a button when `posts`. Without an address it is only told."""

    label: str
    address: str = ""
    note: str = ""
    posts: bool = False


@dataclass(frozen=True)
class Stage:
    """A dot of the office's five stages, as the component `steps` draws it."""

    label: str
    state: str

    detail = ""

    @property
    def shape(self) -> str:
        return {"done": "●", "now": "◉", "todo": "○"}[self.state]

    @property
    def word(self) -> str:
        return {"done": "（已完成）", "now": "（现在）", "todo": "（以后）"}[self.state]


@access(SIGNED_IN)
def session_detail(request: HttpRequest, pk: int) -> HttpResponse:
    session, user, now = seen_session(request, pk), request.user, timezone.now()
    lines = lines_of(session)
    counts = count(lines)
    own = next((line for line in lines if line.participant.person_id == user.pk), None)
    leave = LeaveRequest.objects.filter(session=session, person=user).first()
    manages = user.authority.allows(Permission.MANAGE_SESSIONS, session.group_id)
    gaps = _gaps(session, lines) if manages and session.is_draft else []
    stage = _stage_of(session, gaps, now)
    context = {
        "session": session,
        "kinds": session.kinds.all(),
        "agenda": session.agenda.select_related("speaker"),
        "lines": lines,
        "counts": counts,
        "own": own,
        "leave": leave,
        "manages": manages,
        "reads_register": user.authority.allows(Permission.READ_SESSIONS, session.group_id),
        "reads_sheet": user.authority.allows(Permission.READ_DRAFTS, session.group_id),
        "gaps": gaps,
        "stages": _stages(stage) if manages else [],
        "office_next": _office_next(session, gaps, now) if manages else None,
        "own_next": _own_next(session, own.attendance, leave, now) if own else None,
        "may_ask_leave": session.is_called and now < session.starts_at and leave is None,
        "state_tones": STATE_TONES,
        "status_tones": STATUS_TONES,
    }
    return render(request, "sessions_app/session_detail.html", context)


def _gaps(session: StudySession, lines: Sequence[Any]) -> list[Next]:
    """What a notice cannot do without."""
    edit = reverse("session_edit", args=[session.pk])
    gaps = []
    if not session.place.strip():
        gaps.append(Next("地点", f"{edit}#id_place"))
    if not session.kinds.all():
        gaps.append(Next("学习形式", f"{edit}#div_id_kinds"))
    if not lines:
        gaps.append(Next("参加人员", reverse("session_participants", args=[session.pk])))
    return gaps


def _stage_of(session: StudySession, gaps: Sequence[Next], now: datetime) -> int:
    if session.is_draft:
        return 0 if gaps else 1
    if session.is_called:
        return 3 if now > session.ends_at else 2
    return 5 if session.record else 4


def _stages(stage: int) -> list[Stage]:
    labels = ("补全", "通知", "签到登记", "结束", "学习记录")
    return [Stage(label, "done" if n < stage else "now" if n == stage else "todo") for n, label in enumerate(labels)]


def _office_next(session: StudySession, gaps: Sequence[Next], now: datetime) -> Next:
    def page(name: str) -> str:
        return reverse(name, args=[session.pk])

    if gaps:
        missing = "、".join(gap.label for gap in gaps)
        return Next(f"填写{gaps[0].label}", gaps[0].address, f"通知前还缺：{missing}。")
    if session.is_draft:
        return Next("通知参加人员", page("session_call"), "通知后，参加人员可以看到这次学习、请假和签到。", posts=True)
    if session.is_called and now < session.sign_in_opens_at:
        opens = timezone.localtime(session.sign_in_opens_at)
        return Next(
            "打印签到表", page("sign_in_sheet"), f"已通知。{date_format(opens, 'n月j日 H:i')} 开始签到，届时可投屏。"
        )
    if session.is_called and now <= session.ends_at:
        return Next("投屏签到", page("screen"), "把二维码和六位数字投到会场屏幕；没有手机的在“签到登记”里代录。")
    if session.is_called:
        return Next("结束学习", page("session_close"), "学习已到结束时间。请核对登记，没有登记的逐一说明。")
    if not session.record:
        return Next("写学习记录", page("session_record"), "已结束，还差学习记录。")
    return Next("", note="签到登记和学习记录都已完成。")


def _own_next(session: StudySession, row: Attendance | None, leave: LeaveRequest | None, now: datetime) -> Next | None:
    """What the participant himself can do now."""
    if session.is_draft or (row is not None and row.attended):
        return None
    if session.is_held:
        return None
    if now > session.sign_in_closes_at:
        return Next("", note="签到时间已过。如已到会，请找会务人员登记。")
    if now >= session.sign_in_opens_at:
        note = "如已到会，仍可签到。" if row else "扫描会场屏幕上的二维码，或输入六位数字。"
        return Next("签到", reverse("sign_in", args=[session.pk]), note)
    opens = date_format(timezone.localtime(session.sign_in_opens_at), "n月j日 H:i")
    if leave is None:
        return Next("", note=f"{opens} 开始签到，届时扫描会场屏幕上的二维码。")
    return Next("", note=f"{opens} 开始签到。")


# -- making and changing -----------------------------------------------------


@access(MANAGE, "GET POST", form=SessionForm)
@once
def session_create(request: HttpRequest) -> HttpResponse:
    """A new session; `?item=` takes over what a plan item says. Whoever works for several groups chooses one first."""
    now = timezone.now()
    groups = list(StudyGroup.objects.where(request.user, Permission.MANAGE_SESSIONS))
    item = _item_asked_for(request)
    group = _group_asked_for(request, groups, item)
    if group is None:
        return render(request, "sessions_app/session_group.html", {"groups": groups})
    initial = vars(actions.proposal_of(item, local_date(now))) if item else {}
    form = SessionForm(posted(request), group=group, today=local_date(now), initial=initial)
    agenda = _agenda_forms(request, form.roster, [])
    if request.method == "POST" and "more" not in request.POST and form.is_valid() and agenda.is_valid():
        session, is_new = _create(request, group, item, form, agenda, now)
        messages.success(request, "已存为草稿，默认由全体成员参加。" if is_new else "这次学习刚才已经建立。")
        return redirect("session_detail", session.pk)
    return _show_form(request, form, agenda, group=group, item=item)


def _create(
    request: HttpRequest, group: StudyGroup, item: PlanItem | None, form: SessionForm, agenda: Any, now: datetime
) -> tuple[StudySession, bool]:
    facts = changes_of(form)
    same = {name: facts[name] for name in ("title", "starts_at")}
    recent = now - timedelta(minutes=2)
    twin = StudySession.objects.filter(group=group, created_by=request.user, created_at__gt=recent, **same).first()
    if twin:  # a double click, or the back button and once more
        return twin, False
    return (
        actions.create_session(group=group, plan_item=item, agenda=agenda.speakers(), by=request.user, at=now, **facts),
        True,
    )


def _item_asked_for(request: HttpRequest) -> PlanItem | None:
    asked = request.POST.get("item") or request.GET.get("item")
    if not asked:
        return None
    items = PlanItem.objects.visible_to(request.user).select_related("annual_plan__group", "monthly_plan__group")
    return get_object_or_404(items, pk=whole_number(asked))


def _group_asked_for(request: HttpRequest, groups: Sequence[StudyGroup], item: PlanItem | None) -> StudyGroup | None:
    if item is not None:
        require(request.user, Permission.MANAGE_SESSIONS, item.plan.group_id)
        return item.plan.group
    if len(groups) == 1:
        return groups[0]
    asked = request.POST.get("group") or request.GET.get("group")
    return next((group for group in groups if str(group.pk) == asked), None)


@access(MANAGE, "POST", form=NoFields)
def session_from_item(request: HttpRequest, pk: int) -> HttpResponse:
    items = PlanItem.objects.visible_to(request.user).select_related("annual_plan__group", "monthly_plan__group")
    item = get_object_or_404(items, pk=pk)
    session, is_new = actions.draft_from_item(item=item, by=request.user, at=timezone.now())
    if is_new:
        place = session.place or "（计划里没有，请填写）"
        messages.success(
            request,
            f"已按计划生成草稿：主题、形式、内容、领学人和发言人来自计划；{_when(item, session)}，地点 {place}，"
            f"由 {session.participants.count()} 名成员参加。请核对后保存。",
        )
    else:
        messages.info(request, "这一条计划已经有一份草稿，已为您打开。")
    return _see_other(reverse("session_edit", args=[session.pk]))


def _when(item: PlanItem, session: StudySession) -> str:
    """Where a draft's time comes from: the plan, or a guess because the plan does not say or cannot mean it."""
    starts = date_format(timezone.localtime(session.starts_at), "n月j日 H:i")
    said = planned_time(item.date_text, item.plan.year, item.month)
    if said.is_impossible:
        return f"计划里的时间“{item.date_text}”不是{item.plan.year}年{item.month}月的日子，时间暂定 {starts}"
    if said.day is None:
        return f"时间暂定 {starts}"
    return f"时间按计划是 {starts}" if said.hour else f"日期按计划，时间暂定 {starts}"


def _see_other(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response


@access(MANAGE, "GET POST", form=SessionForm)
def session_edit(request: HttpRequest, pk: int) -> HttpResponse:
    session, now = managed_session(request, pk), timezone.now()
    form = SessionForm(posted(request), instance=session, group=session.group, today=local_date(now))
    agenda = _agenda_forms(request, form.roster, session.agenda.select_related("speaker"))
    title = StudySession.objects.values_list("title", flat=True).get(pk=pk) if request.method == "POST" else ""
    status, there = 200, {}
    if request.method == "POST" and "more" not in request.POST and form.is_valid() and agenda.is_valid():
        facts = changes_of(form)
        try:
            actions.change_session(
                session=session,
                seen_version=form.cleaned_data["version"],
                kinds=facts.pop("kinds"),
                facts=facts,
                agenda=agenda.speakers(),
                by=request.user,
                at=now,
            )
            messages.success(request, "已保存。")
            return redirect("session_detail", pk)
        except Overtaken as error:
            status, there = error.status, _overtake(form, agenda, error)
        except Refused as error:
            status = error.status
            form.add_error(None, error.message)
    context = {"session": session, "group": session.group, "there": there, "title": title or session.title}
    return _show_form(request, form, agenda, status=status, **context)


def _agenda_forms(request: HttpRequest, roster: Sequence[Membership], items: Any) -> Any:
    """The agenda's lines; pressing “再加几行” shows more of them and keeps what was typed."""
    data = None
    if request.method == "POST":
        data = request.POST.copy()
        if "more" in data:
            total = data.get("agenda-TOTAL_FORMS", "")
            data["agenda-TOTAL_FORMS"] = str(min(whole_number(total, 0) + 3, 60))
    initial = [
        {
            "position": number,
            "role": item.role,
            "person": item.speaker_id,
            "speaker": item.speaker,
            "name": item.speaker_name,
            "title": item.title,
        }
        for number, item in enumerate(items, start=1)
    ]
    return AgendaFormSet(data, initial=initial, prefix="agenda", form_kwargs={"roster": roster})


def _show_form(
    request: HttpRequest, form: SessionForm, agenda: Any, *, status: int = 200, **context: Any
) -> HttpResponse:
    return render(request, "sessions_app/session_form.html", {"form": form, "agenda": agenda, **context}, status=status)


def _overtake(form: SessionForm, agenda: Any, error: Overtaken) -> dict[str, str]:
    """Show what the other person saved where it differs, and let a second press on 保存 go through knowingly."""
    theirs = StudySession.objects.select_related("host", "site").get(pk=form.instance.pk)
    refuse_stale(form, error)
    form.data = form.data.copy()
    form.data["version"] = theirs.version
    facts = {name: getattr(theirs, name) for name in form.Meta.fields}
    there = _told(facts | {"kinds": theirs.kinds.all()}, _lines(theirs.agenda.select_related("speaker")))
    mine = _told(form.cleaned_data, agenda.speakers())
    return {label: text or "（空）" for label, text in there.items() if text != mine[label]}


def _lines(agenda: QuerySet[AgendaItem]) -> list[Speaker]:
    return [Speaker(item.role, item.speaker, item.speaker_name, item.title) for item in agenda]


def _told(facts: Mapping[str, Any], agenda: Sequence[Speaker]) -> dict[str, str]:
    """Facts and agenda in words, to compare two versions."""

    def moment(name: str) -> str:
        return date_format(timezone.localtime(facts[name]), "DATETIME_FORMAT")

    lines = [f"{AgendaRole(line.role).label}　{line.person or line.name}　{line.title}".rstrip() for line in agenda]
    return {
        "主题": facts["title"],
        "学习形式": "、".join(sorted(kind.label for kind in facts["kinds"])),
        "时间": f"{moment('starts_at')} 至 {moment('ends_at')}",
        "地点": facts["place"],
        "现场": str(facts["site"] or ""),
        "线上": "是" if facts["is_online"] else "否",
        "主持人": str(facts["host"] or ""),
        "学习内容": facts["content"].replace("\r\n", "\n"),
        "研讨题目": facts["question"],
        "议程": "\n".join(lines),
    }


# -- who takes part ----------------------------------------------------------


@access(MANAGE, "GET POST", form=ParticipantsForm)
def session_participants(request: HttpRequest, pk: int) -> HttpResponse:
    session = managed_session(request, pk)
    roster = actions.roster_on(session.group, session)
    form = ParticipantsForm(posted(request), roster=roster, initial={"version": session.version})
    status = 200
    if request.method == "POST" and form.is_valid():
        chosen = set(form.cleaned_data["person"])
        try:
            actions.set_participants(
                session=session,
                members=[m for m in roster if m.user_id in chosen],
                seen_version=form.cleaned_data["version"],
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, f"已保存，共 {len(chosen)} 人。")
            return redirect("session_detail", pk)
        except Refused as error:
            status = error.status
            _refuse_choice(form, session, error)
    ticked = _ticked(request, session, roster)
    listed = {m.user_id for m in roster}
    gone = [p for p in session.participants.select_related("person") if p.person_id not in listed]
    context = {"session": session, "form": form, "parts": _parts(roster, ticked), "gone": gone, "ticked": len(ticked)}
    return render(request, "sessions_app/session_participants.html", context, status=status)


def _refuse_choice(form: ParticipantsForm, session: StudySession, error: Refused) -> None:
    form.add_error(None, error.message)
    form.data = form.data.copy()
    form.data["version"] = StudySession.objects.values_list("version", flat=True).get(pk=session.pk)


def _ticked(request: HttpRequest, session: StudySession, roster: Sequence[Membership]) -> set[int]:
    """Whose box is ticked: as typed, as one of the presets says, or as it stands."""
    if request.method == "POST":
        return {whole_number(pk) for pk in request.POST.getlist("person")}
    match request.GET.get("preset"):
        case "all":
            return {m.user_id for m in roster}
        case "expected":
            return {m.user_id for m in roster if m.category != Role.OBSERVER}
        case "members":
            return {m.user_id for m in roster if m.category == Role.MEMBER}
        case "none":
            return set()
        case "last":
            earlier = StudySession.objects.filter(group=session.group_id, starts_at__lt=session.starts_at)
            last = earlier.exclude(pk=session.pk).values("pk")[:1]
            return set(
                Participant.objects.filter(session__in=list(last.values_list("pk", flat=True))).values_list(
                    "person", flat=True
                )
            )
    return set(session.participants.values_list("person", flat=True))


@dataclass(frozen=True)
class Box:
    """One person to tick; his department is told where neither the heading nor his title does."""

    member: Membership
    ticked: bool
    department: str = ""


def _parts(roster: Sequence[Membership], ticked: set[int]) -> list[tuple[str, list[Box]]]:
    """成员, then 扩大人员, then 列席. A department of several 扩大人员 has its own heading, the rest share one."""
    order = {Role.MEMBER: 0, Role.EXTENDED: 1, Role.OBSERVER: 3}
    sizes = Counter(m.department for m in roster if m.category == Role.EXTENDED and m.department)
    parts: dict[tuple[int, str], list[Box]] = {}
    for member in roster:
        place, label = order[Role(member.category)], str(Role(member.category).label)
        department = member.department if member.category == Role.EXTENDED else ""
        if member.category == Role.EXTENDED:
            if sizes[department] >= DEPARTMENT_WITH_HEADING:
                label, department = f"{label} · {department}", ""
            else:
                place += 1  # after the departments with a heading
                department = "" if department in member.title else department
        parts.setdefault((place, label), []).append(Box(member, member.user_id in ticked, department))
    return [(label, boxes) for (_, label), boxes in sorted(parts.items(), key=lambda part: part[0][0])]


# -- its life ----------------------------------------------------------------


@access(MANAGE, "POST", form=NoFields)
def session_call(request: HttpRequest, pk: int) -> HttpResponse:
    session = managed_session(request, pk)
    try:
        actions.call(session=session, by=request.user, at=timezone.now())
        messages.success(request, "已通知。参加人员登录后可以看到这次学习。")
    except Overtaken:
        raise
    except Refused as error:
        messages.error(request, error.message)
    return redirect("session_detail", pk)


@access(MANAGE, "GET POST", form=CloseForm)
def session_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever neither signed nor asked is listed; the clerk says 缺席 or corrects it first."""
    session = managed_session(request, pk)
    form = CloseForm(posted(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        mark_absent = form.cleaned_data["mark_absent"]
        try:
            actions.close(session=session, mark_absent=mark_absent, by=request.user, at=timezone.now())
            messages.success(request, "学习已结束，签到登记已定。")
            return redirect("session_detail", pk)
        except Overtaken:
            raise
        except Refused as error:
            status = error.status
            form.add_error("mark_absent" if not mark_absent else None, error.message)
    context = {
        "session": session,
        "form": form,
        "counts": count(lines_of(session)),
        "missing": actions.unregistered(session),
    }
    return render(request, "sessions_app/session_close.html", context, status=status)


@access(MANAGE, "POST", form=NoFields)
def session_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    actions.reopen(session=managed_session(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "已重新打开，可以更正签到登记。更正后请再结束一次。")
    return redirect("register", pk)


@access(MANAGE, "POST", form=NoFields)
def session_discard(request: HttpRequest, pk: int) -> HttpResponse:
    actions.discard(session=managed_session(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "草稿已删除。")
    return redirect("session_list")


@access(MANAGE, "GET POST", form=RecordForm)
def session_record(request: HttpRequest, pk: int) -> HttpResponse:
    session = managed_session(request, pk)
    form = RecordForm(posted(request), instance=session)
    status, there = 200, dict[str, str]()
    if request.method == "POST" and form.is_valid():
        version, record = form.cleaned_data["version"], form.cleaned_data["record"]
        try:
            actions.save_record(
                session=session, record=record, seen_version=version, by=request.user, at=timezone.now()
            )
            messages.success(request, "学习记录已保存。")
            return redirect("session_detail", pk)
        except Overtaken as error:
            status, there = error.status, dict(error.current)
            refuse_stale(form, error)
            form.data = form.data.copy()
            form.data["version"] = StudySession.objects.values_list("version", flat=True).get(pk=pk)
    context = {"session": session, "form": form, "there": there}
    return render(request, "sessions_app/session_record.html", context, status=status)
