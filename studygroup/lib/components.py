"""The house's small parts of a page. Registered as builtins: templates need no {% load %}."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from studygroup.lib.office.characters import GAP, level_of

register = template.Library()

SHAPES = {"good": "●", "wait": "◐", "bad": "▲", "off": "○", "plain": "·"}


@register.simple_tag
def badge(*, text: str, tone: str = "plain") -> SafeString:
    """A state told by shape and word; the colour only helps. Tones: good wait bad off plain."""
    return format_html(
        '<span class="badge badge-{}"><span aria-hidden="true">{}</span> {}</span>', tone, SHAPES[tone], text
    )


@register.simple_block_tag
def card(content: str, *, title: str = "", note: str = "", tone: str = "") -> SafeString:
    head = format_html("<h2>{}</h2>", title) if title else mark_safe("")
    aside = format_html('<p class="note">{}</p>', note) if note else mark_safe("")
    return format_html('<section class="card {}">{}{}{}</section>', tone, head, aside, content)


@register.simple_block_tag
def empty_state(content: str, *, title: str) -> SafeString:
    """An empty list says why it is empty and offers the next step."""
    return format_html('<div class="empty"><p class="empty-title">{}</p>{}</div>', title, content)


@register.inclusion_tag("components/page_head.html")
def page_head(*, title: str, crumbs: Any = None, note: str = "") -> dict[str, Any]:
    """Title with the way back; `crumbs` is a list of (label, address)."""
    return {"title": title, "crumbs": crumbs or [], "note": note}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: template.Context, *, page: Page) -> dict[str, Any]:
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {"page": page, "query": query.urlencode()}


@register.inclusion_tag("components/steps.html")
def steps(*, dots: Any) -> dict[str, Any]:
    """Step dots of a review: a list with `.label`, `.state` (done now todo back) and `.detail`."""
    return {"dots": dots}


@register.inclusion_tag("components/progress.html")
def progress(*, value: int, label: str) -> dict[str, Any]:
    return {"value": value, "label": label}


@register.filter
def get(mapping: dict, key: Any) -> Any:
    return mapping.get(key)


@register.filter
def item(row: Sequence[Any], index: int) -> Any:
    """The entry of a list at a counted place; "" beyond its end."""
    return row[index] if index < len(row) else ""


@register.filter
def marked(text: str) -> SafeString:
    """A paper's text: what is missing in it stands out."""
    pieces = GAP.split(str(text))
    return format_html_join("", "{}", ((_gap_mark(piece) if n % 2 else piece,) for n, piece in enumerate(pieces)))


def _gap_mark(text: str) -> SafeString:
    return format_html('<mark class="gap">{}</mark>', text)


@register.filter
def heading_level(block: dict[str, Any]) -> int:
    """1 to 4, as the number in front of a paper's heading says."""
    return level_of(str(block["text"])) or int(block.get("level", 1))


@register.filter
def sheets(blocks: Iterable[dict[str, Any]]) -> list[tuple[bool, list[dict[str, Any]]]]:
    """A paper's blocks by the way its page is turned: (whether it lies, its blocks), the upright title page first."""
    found: list[tuple[bool, list[dict[str, Any]]]] = [(False, [])]
    for block in blocks:
        if block["type"] == "section":
            turned = (bool(block.get("landscape")), [])
            found = [*found, turned] if len(found) > 1 or found[0][1] else [turned]
        else:
            found[-1][1].append(block)
    return found


@register.filter
def shares(widths: Sequence[float]) -> list[str]:
    """Relative widths of columns as percentages."""
    return [f"{100 * width / sum(widths):.1f}%" for width in widths]
