"""登记表: what was handed in, as the workbook the office keeps."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import StudyGroup
from accounts.permissions import Permission, holds
from materials.exports.registers import LEDGER, paper_register
from materials.models import Submission
from materials.models.paper_kind import kind_names
from materials.statistics.registers import paper_lines
from materials.views.submission import years_until
from reviews.chain import State
from studygroup.lib.access import access
from studygroup.lib.clock import local_date
from studygroup.lib.files import send_made


@access(holds(Permission.READ_PAPERS))
def submission_register(request: HttpRequest) -> HttpResponse:
    """?year=, ?kind= and ?group=; what is no choice is no filter. Drafts are in none."""
    groups = StudyGroup.objects.where(request.user, Permission.READ_PAPERS)
    group = next((one for one in groups if str(one.pk) == request.GET.get("group") or len(groups) == 1), None)
    rows = Submission.objects.visible_to(request.user).exclude(review__state=State.DRAFT)
    rows = rows.filter(group__in=[group] if group else groups)
    at = timezone.now()
    year = next((one for one in years_until(at) if str(one) == request.GET.get("year")), None)
    if year:
        rows = rows.in_year(year)
    kinds = dict(kind_names([group.pk] if group else [one.pk for one in groups]))
    chosen = request.GET.get("kind", "")
    if chosen in kinds:
        rows, kinds = rows.filter(kind=chosen), {chosen: kinds[chosen]}
    lines = paper_lines(rows.order_by("written_on", "pk"))
    if chosen not in kinds:
        written = {line.kind: line.kind_name for line in lines}
        kinds = {slug: kinds.get(slug, name) for slug, name in ({**kinds, **written}).items() if slug in written}
    prefix = f"{group.name if group else ''}{f'{year}年' if year else ''}"
    name = f"{kinds[chosen]}登记" if chosen in kinds else f"学习材料登记和{LEDGER}"
    return send_made(paper_register(prefix, lines, kinds, local_date(at)), f"{prefix}{name}.xlsx")
