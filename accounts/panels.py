"""What higher floors add to a person's own page (我的). They register; this floor asks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OwnPage:
    """A page of one's own: its name, the name of its route, and a sentence what it is for; `beside` is the route of
    another page of his that leads there too."""

    label: str
    route: str
    note: str
    beside: str = ""


_pages: list[OwnPage] = []


def register_own_page(page: OwnPage) -> None:
    if page not in _pages:
        _pages.append(page)


def own_pages(beside: str = "") -> list[OwnPage]:
    return [page for page in _pages if not beside or page.beside == beside]
