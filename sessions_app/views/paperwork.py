"""文书: all papers of one session, each to print or to take along as a Word document."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Permission
from sessions_app.models import StudySession
from sessions_app.paperwork import (
    PAPERS,
    Gap,
    Paper,
    SessionRows,
    Written,
    changes_since,
    papers_for,
    read,
    with_facts,
)
from studygroup.lib.access import SIGNED_IN, access
from studygroup.lib.clock import local_date
from studygroup.lib.files import send_made
from studygroup.lib.office.characters import file_name
from studygroup.lib.office.word import document_bytes
from studygroup.lib.parse import whole_number

OWN_PAGES = {"sign_in_sheet": "sign_in_sheet"}  # its page has spare lines and holds 25 people


@dataclass(frozen=True)
class PaperLine:
    paper: Paper
    gaps: list[Gap]
    page: str
    word: str


def _rows(request: HttpRequest, pk: int) -> SessionRows:
    session = get_object_or_404(with_facts(StudySession.objects.visible_to(request.user)), pk=pk)
    return read([session])[0]


def _mends(request: HttpRequest, session: StudySession) -> bool:
    """Whether the pages with the missing fields are open to this person. Others read the papers as they stand."""
    return request.user.authority.allows(Permission.MANAGE_SESSIONS, session.group_id)


def _line(paper: Paper, rows: SessionRows, mends: bool) -> PaperLine:
    pk = rows.session.pk
    own = OWN_PAGES.get(paper.slug)
    page = reverse(own, args=[pk]) if own else reverse("session_paper", args=[pk, paper.slug])
    gaps = [gap if mends else Gap(gap.label) for gap in paper.write(rows).gaps]
    return PaperLine(paper, gaps, page, reverse("session_paper_word", args=[pk, paper.slug]))


def _paper(request: HttpRequest, pk: int, slug: str) -> tuple[SessionRows, Paper, Written]:
    """The paper, if this person may read it of this session."""
    rows = _rows(request, pk)
    paper = PAPERS.get(slug)
    if paper is None or paper not in papers_for(request.user, rows.session.group_id):
        raise Http404
    return rows, paper, paper.write(rows)


@access(SIGNED_IN)
def session_papers(request: HttpRequest, pk: int) -> HttpResponse:
    rows = _rows(request, pk)
    mends = _mends(request, rows.session)
    lines = [_line(paper, rows, mends) for paper in papers_for(request.user, rows.session.group_id)]
    context = {
        "session": rows.session,
        "lines": lines,
        "crumbs": _crumbs(rows.session),
        "shows_gaps": any(line.paper.needs for line in lines),
    }
    return render(request, "sessions_app/session_papers.html", context)


def _crumbs(session: StudySession) -> list[tuple[str, str]]:
    title = session.title if len(session.title) <= 30 else f"{session.title[:29]}…"
    return [("学习活动", reverse("session_list")), (title, reverse("session_detail", args=[session.pk]))]


@access(SIGNED_IN)
def session_paper(request: HttpRequest, pk: int, paper: str) -> HttpResponse:
    rows, kind, written = _paper(request, pk, paper)
    number = whole_number(request.GET.get("issue", ""), 0)
    mends, sent = _mends(request, rows.session), rows.sent if kind.slug == "notice" else []
    if 0 < number <= len(sent):
        written = Written(sent[number - 1].title, sent[number - 1].blocks)
    context = {
        "session": rows.session,
        "written": written,
        "sent": sent if len(sent) > 1 else [],
        "changes": changes_since(rows) if sent and mends else [],
        "gaps": written.gaps if mends else [],
        "title": kind.label,
        "crumbs": [*_crumbs(rows.session), ("文书", reverse("session_papers", args=[pk]))],
        "word": reverse("session_paper_word", args=[pk, paper]),
    }
    return render(request, "sessions_app/paper.html", context)


@access(SIGNED_IN)
def session_paper_word(request: HttpRequest, pk: int, paper: str) -> HttpResponse:
    rows, kind, written = _paper(request, pk, paper)
    content = document_bytes(written.title, written.blocks, at=timezone.now())
    day = local_date(rows.session.starts_at)
    return send_made(content, f"{file_name(f'{day:%Y%m%d} {kind.label} {rows.session.title}')}.docx")
