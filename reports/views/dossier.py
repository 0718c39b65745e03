"""一学一档: the ledger of a year's sessions with what each still lacks, one session's file, and its archive."""

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import require
from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from materials.models import Submission
from reports.actions.dossier import archives_of, changed_since, start_dossier
from reports.forms.dossier import DossierFilter, MakeDossierForm, NoFields, PartForm, ScanForm, WaiveForm
from reports.statistics.dossier import dossiers_of, there_of, to_complete
from sessions_app.actions import dossier as actions
from sessions_app.models import SessionFile, StudySession
from sessions_app.models.session import SessionState
from sessions_app.paperwork import with_facts
from studygroup.lib.access import access
from studygroup.lib.errors import Refused
from studygroup.lib.files import ACCEPT, send, send_stored
from studygroup.lib.office.characters import file_name
from studygroup.lib.once import once
from studygroup.lib.paging import page_of

READ = holds(Permission.READ_RECORDS)
KEEP = holds(Permission.MANAGE_SESSIONS)
TONES = {"complete": "good", "missing": "wait", "overdue": "bad", "waived": "off", "later": "off"}


# -- 台账 ----------------------------------------------------------------------


@access(READ, form=DossierFilter)
def dossier_list(request: HttpRequest) -> HttpResponse:
    """All called sessions of one group and year; `?show=missing` only those held whose file is to be completed."""
    groups = list(StudyGroup.objects.where(request.user, Permission.READ_RECORDS))
    called = StudySession.objects.visible_to(request.user).exclude(state=SessionState.DRAFT)
    years = [first.year for first in called.filter(group__in=groups).datetimes("starts_at", "year", order="DESC")]
    form = DossierFilter(request.GET, years=years, groups=groups)
    group = _chosen(groups, form.cleaned_data.get("group"))
    year = form.cleaned_data.get("year") or (years[0] if years else timezone.localdate().year)
    sessions = called.filter(group=group).in_year(year).order_by("-starts_at", "-pk")
    today, missing = timezone.localdate(), form.cleaned_data.get("show") == "missing"
    if missing:  # judged in memory: which files lack something is not a column
        page: Any = page_of(request, to_complete(sessions, today))
        dossiers = list(page)
    else:
        page = page_of(request, with_facts(sessions))
        dossiers = dossiers_of(page, today)
    context = {
        "form": form,
        "page": page,
        "dossiers": dossiers,
        "year": year,
        "group": group,
        "only_missing": missing,
        "may_read_files": request.user.authority.holds(Permission.READ_DRAFTS),
    }
    return render(request, "reports/dossier_list.html", context)


def _chosen(groups: list[StudyGroup], pk: int | None) -> StudyGroup | None:
    return next((group for group in groups if group.pk == pk), groups[0] if groups else None)


# -- 一次学习的档案 --------------------------------------------------------------


def _session(request: HttpRequest, pk: int, permission: Permission = Permission.READ_RECORDS) -> StudySession:
    """The session, for those who may read (or keep) its group's files."""
    sessions = with_facts(StudySession.objects.visible_to(request.user).exclude(state=SessionState.DRAFT))
    session = get_object_or_404(sessions, pk=pk)
    require(request.user, permission, session.group_id)
    return session


@access(READ)
def dossier_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _session(request, pk))


def _show(request: HttpRequest, session: StudySession, error: str = "", status: int = 200) -> HttpResponse:
    [dossier] = dossiers_of([session], timezone.localdate())
    keeps = request.user.authority.allows(Permission.MANAGE_SESSIONS, session.group_id)
    papers = Submission.objects.visible_to(request.user).filter(handed_in_session=session)
    archive = archives_of(session, request.user).first()
    context = {
        "session": session,
        "dossier": dossier,
        "there": there_of(dossier, set(papers.values_list("pk", flat=True))),
        "tones": TONES,
        "error": error,
        "may_change": keeps and not session.is_archived,
        "may_archive": keeps and session.is_held and not session.is_archived,
        "archive": archive,
        "archive_is_old": archive is not None and changed_since(session, archive.created_at),
        "papers": reverse("session_papers", args=[session.pk]),
        "crumbs": [
            ("一学一档", f"{reverse('dossier_list')}?group={session.group_id}&year={session.day.year}"),
            (_short(session.title), reverse("session_detail", args=[session.pk])),
        ],
        "accept": ACCEPT,
    }
    return render(request, "reports/dossier_detail.html", context, status=status)


def _short(title: str) -> str:
    return title if len(title) <= 30 else f"{title[:29]}…"


def _problems(form: Any) -> str:
    return "；".join(message for errors in form.errors.values() for message in errors)


def _back(session: StudySession, part: str) -> HttpResponse:
    return redirect(f"{reverse('dossier_detail', args=[session.pk])}#part-{part}")


@access(KEEP, "POST", form=ScanForm)
@once
def dossier_add(request: HttpRequest, pk: int) -> HttpResponse:
    session = _session(request, pk, Permission.MANAGE_SESSIONS)
    form = ScanForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, session, _problems(form), 400)
    uploads, part = form.cleaned_data["uploads"], form.cleaned_data["part"]
    try:
        kept = actions.file_scans(session=session, part=part, uploads=uploads, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _show(request, session, refusal.message, refusal.status)
    messages.success(request, f"已存入档案：{'、'.join(file.name for file in kept)}。")
    return _back(session, part)


def _file(request: HttpRequest, pk: int) -> SessionFile:
    return get_object_or_404(SessionFile.objects.visible_to(request.user).select_related("session"), pk=pk)


@access(READ)
def dossier_file(request: HttpRequest, pk: int) -> HttpResponse:
    file = _file(request, pk)
    try:
        return send(file.file, file.name)
    except FileNotFoundError:
        messages.error(request, "文件已不在，请重新存入。")
        return _back(file.session, file.part)


@access(KEEP, "POST", form=NoFields)
def dossier_file_remove(request: HttpRequest, pk: int) -> HttpResponse:
    file = _file(request, pk)
    actions.take_out(file=file, by=request.user, at=timezone.now())
    messages.success(request, f"“{file.name}”已从档案中移除，原件仍保留在系统里。")
    return _back(file.session, file.part)


@access(KEEP, "POST", form=WaiveForm)
def dossier_waive(request: HttpRequest, pk: int) -> HttpResponse:
    session = _session(request, pk, Permission.MANAGE_SESSIONS)
    form = WaiveForm(request.POST)
    if not form.is_valid():
        return _show(request, session, _problems(form), 400)
    actions.waive(session=session, by=request.user, at=timezone.now(), **form.cleaned_data)
    return _back(session, form.cleaned_data["part"])


@access(KEEP, "POST", form=PartForm)
def dossier_need_again(request: HttpRequest, pk: int) -> HttpResponse:
    session = _session(request, pk, Permission.MANAGE_SESSIONS)
    form = PartForm(request.POST)
    if not form.is_valid():
        return _show(request, session, _problems(form), 400)
    actions.need_again(session=session, part=form.cleaned_data["part"], by=request.user, at=timezone.now())
    return _back(session, form.cleaned_data["part"])


# -- 档案包 --------------------------------------------------------------------


@access(READ, "POST", form=MakeDossierForm)
def dossier_make(request: HttpRequest) -> HttpResponse:
    form = MakeDossierForm(request.POST)
    if not form.is_valid():
        raise Refused("没有选择学习活动，请从档案页面重新生成。")
    session = _session(request, form.cleaned_data["session"])
    job, _started = start_dossier(session=session, by=request.user, at=timezone.now())
    response = redirect("job_detail", job.pk)
    response.status_code = 303
    return response


@access(READ)
def dossier_archive(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The archive made for this person last. Nobody else's: he may see other papers."""
    session = _session(request, pk)
    job = archives_of(session, request.user).first()
    if job is None:
        raise Http404
    if not default_storage.exists(job.result["file"]):
        messages.error(request, "档案包已不在，请重新生成。")
        return redirect("dossier_detail", pk)
    return send_stored(job.result["file"], f"{file_name(f'{session.day:%Y%m%d} 一学一档 {session.title}')}.zip")
