"""One page of a list."""

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 30


def page_of(request: HttpRequest, rows: QuerySet, size: int = PAGE_SIZE) -> Page:
    """The page asked for in `?page=`; a page that does not exist becomes the nearest one."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
