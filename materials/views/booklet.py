"""成果汇编: choose approved papers, have them made into a book, take it away."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from accounts.views.records import KEEP
from materials.actions.booklet import booklets_of, remove_booklet, start_booklet
from materials.forms.booklet import MOST_PAPERS, BookletFilter, BookletForm
from materials.models.paper_kind import kind_names
from materials.statistics.booklet import publishable
from materials.views.submission import years_until
from sessions_app.models import StudySession
from studygroup.lib.access import access
from studygroup.lib.errors import NotAllowed
from studygroup.lib.files import send_stored
from studygroup.lib.forms import posted
from studygroup.lib.models import Job
from studygroup.lib.office.characters import file_name
from studygroup.lib.paging import page_of

READ = holds(Permission.READ_APPROVED)
CRUMBS = [("学习材料", "submission_list"), ("成果汇编", "booklet_list")]


def _crumbs(number: int) -> list[tuple[str, str]]:
    return [(label, reverse(name)) for label, name in CRUMBS[:number]]


@access(READ)
def booklet_list(request: HttpRequest) -> HttpResponse:
    kept = request.user.authority.groups_with(Permission.MANAGE_LIBRARY)
    page = page_of(request, booklets_of(request.user))
    rows = [(job, job.params["title"], job.params["group"] in kept) for job in page]
    context = {"page": page, "rows": rows, "may_make": bool(kept), "crumbs": _crumbs(1)}
    return render(request, "materials/booklet_list.html", context)


def _group(request: HttpRequest) -> tuple[StudyGroup, list[StudyGroup]]:
    groups = list(StudyGroup.objects.where(request.user, Permission.MANAGE_LIBRARY))
    if not groups:
        raise NotAllowed("只有办公室和学习秘书可以编成果汇编。")
    return next((one for one in groups if str(one.pk) == request.GET.get("group")), groups[0]), groups


@access(KEEP, "GET POST", form=BookletForm)
def booklet_new(request: HttpRequest) -> HttpResponse:
    """?year=, ?kind=, ?session=, ?q= and ?group= say which papers are offered; all of them are ticked at first."""
    at = timezone.now()
    group, groups = _group(request)
    papers, years = publishable(request.user, group), years_until(at)
    sessions = StudySession.objects.filter(pk__in=papers.values("session")).order_by("-starts_at")
    wanted = BookletFilter(request.GET, years=years, kinds=kind_names([group.pk]), sessions=sessions)
    found = wanted.cleaned_data
    year = found.get("year")
    named = f"{group.name}{f'{year}年' if year else ''}学习成果汇编"
    form = BookletForm(posted(request), papers=papers, initial={"title": named})
    if request.method == "POST" and form.is_valid():
        job, is_new = start_booklet(group=group, by=request.user, at=at, **form.cleaned_data)
        if not is_new:
            messages.info(request, "上一本还在生成，完成后再编新的。")
        return redirect("job_detail", job.pk)
    rows = _offered(papers, found)
    chosen = form.data.getlist("papers") if form.is_bound else [str(row.pk) for row in rows]
    context = {
        "form": form,
        "wanted": wanted,
        "rows": rows[:MOST_PAPERS],
        "chosen": set(chosen),
        "is_cut": len(rows) > MOST_PAPERS,
        "most": MOST_PAPERS,
        "group": group,
        "groups": groups if len(groups) > 1 else [],
        "crumbs": _crumbs(2),
    }
    return render(request, "materials/booklet_form.html", context)


def _offered(papers, found):  # type: ignore[no-untyped-def]
    rows = papers.select_related("author", "review").defer("body").order_by("written_on", "pk")
    if found.get("year"):
        rows = rows.in_year(found["year"])
    if found.get("kind"):
        rows = rows.filter(kind=found["kind"])
    if found.get("session"):
        rows = rows.filter(session=found["session"])
    if found.get("q"):
        rows = rows.filter(Q(topic__icontains=found["q"]) | Q(review__title__icontains=found["q"]))
    return list(rows[: MOST_PAPERS + 1])


def _booklet(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(booklets_of(request.user), pk=pk)


@access(READ)
def booklet_file(request: HttpRequest, pk: int) -> FileResponse | HttpResponse:
    job = _booklet(request, pk)
    if not default_storage.exists(job.result["file"]):
        messages.error(request, "文件已不在，请重新生成。")
        return redirect("booklet_list")
    return send_stored(job.result["file"], f"{file_name(job.params['title'])}.docx")


@access(KEEP, "POST")
def booklet_remove(request: HttpRequest, pk: int) -> HttpResponse:
    job = _booklet(request, pk)
    remove_booklet(job=job, by=request.user, at=timezone.now())
    messages.success(request, f"《{job.params['title']}》已删除，材料本身没有变。")
    return redirect("booklet_list")
