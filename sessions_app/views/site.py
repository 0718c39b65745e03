"""现场教学点: where the group goes, how often it went, and when last."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.records import add_record, change_record
from accounts.forms.records import SeenVersionForm
from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from accounts.views.records import KEEP, Crumbs, entry_page, kept_record, removal_page
from sessions_app.forms.site import SiteForm
from sessions_app.models import Site, StudySession
from studygroup.lib.access import access
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of

READ = holds(Permission.READ_SESSIONS)


def _crumbs(site: Site | None = None) -> Crumbs:
    crumbs = [("现场教学点", reverse("site_list"))]
    return [*crumbs, (site.name, reverse("site_detail", args=[site.pk]))] if site else crumbs


@access(READ)
def site_list(request: HttpRequest) -> HttpResponse:
    """Those in use first; ?q= finds by name, village or theme."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:60]
    rows = Site.objects.visible_to(request.user).with_visits().select_related("group")
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(village__icontains=q) | Q(theme__icontains=q))
    context = {
        "q": q,
        "page": page_of(request, rows.order_by("-is_active", "group", "name")),
        "several_groups": StudyGroup.objects.where(request.user, Permission.READ_SESSIONS).count() > 1,
        "may_keep": request.user.authority.holds(Permission.MANAGE_LIBRARY),
    }
    return render(request, "sessions_app/site_list.html", context)


@access(READ)
def site_detail(request: HttpRequest, pk: int) -> HttpResponse:
    site = get_object_or_404(Site.objects.visible_to(request.user).with_visits().select_related("group"), pk=pk)
    sessions = StudySession.objects.visible_to(request.user).filter(site=site).with_counts().prefetch_related("kinds")
    context = {
        "site": site,
        "page": page_of(request, sessions.defer("content", "question", "record")),
        "may_keep": request.user.authority.allows(Permission.MANAGE_LIBRARY, site.group_id),
        "crumbs": _crumbs(),
    }
    return render(request, "sessions_app/site_detail.html", context)


@access(KEEP, "GET POST", form=SiteForm)
@once
def site_new(request: HttpRequest) -> HttpResponse:
    form = SiteForm(posted(request), user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: add_record(Site(group=form.chosen_group, **form.facts), by=request.user, at=timezone.now()),
        done=lambda site: reverse("site_detail", args=[site.pk]),
        title="登记现场教学点",
        crumbs=_crumbs(),
    )


@access(KEEP, "GET POST", form=SiteForm)
def site_edit(request: HttpRequest, pk: int) -> HttpResponse:
    site = kept_record(request, Site.objects, pk)
    crumbs = _crumbs(site)
    form = SiteForm(posted(request), instance=site, user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: change_record(site, **form.change, by=request.user, at=timezone.now()),
        done=lambda _: reverse("site_detail", args=[pk]),
        title="修改现场教学点",
        crumbs=crumbs,
        remove=reverse("site_remove", args=[pk]),
    )


@access(KEEP, "GET POST", form=SeenVersionForm)
def site_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Only one nobody has ever gone to; others are retired on their edit page."""
    site = kept_record(request, Site.objects, pk)
    return removal_page(request, site, done=reverse("site_list"), crumbs=_crumbs(site))
