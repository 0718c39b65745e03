"""学习资料 of one session: chosen from the library."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.actions.people import require
from accounts.permissions import Permission
from accounts.views.records import KEEP
from materials.actions.library import choose_for_session
from materials.forms.library import SessionTextsForm
from materials.models import Material
from sessions_app.views.session import seen_session
from studygroup.lib.access import access
from studygroup.lib.forms import posted
from studygroup.lib.paging import page_of


@access(KEEP, "GET POST", form=SessionTextsForm)
def session_materials(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick what is to be read at the session; what is chosen already stands above and can be taken off."""
    session = seen_session(request, pk)
    require(request.user, Permission.MANAGE_LIBRARY, session.group_id)
    library = Material.objects.filter(group=session.group_id).defer("body")
    form = SessionTextsForm(posted(request), library=library)
    if request.method == "POST" and form.is_valid():
        choose_for_session(session=session, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "学习资料已保存。")
        return redirect("session_materials", pk)
    asked = request.GET.get("q", "").replace("\0", "").strip()[:50]
    rows = library.exclude(sessions=session)
    if asked:
        rows = rows.filter(Q(title__icontains=asked) | Q(source__icontains=asked))
    context = {
        "session": session,
        "chosen": library.filter(sessions=session),
        "page": page_of(request, rows),
        "q": asked,
    }
    return render(request, "materials/session_materials.html", context)
