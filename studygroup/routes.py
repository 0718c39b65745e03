"""Every route with its one declared rule, as data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

from django.urls import URLPattern, URLResolver, get_resolver

from accounts.permissions import Authority, Role
from studygroup.lib.access import ADMINISTRATOR, Declaration, Rule


@dataclass(frozen=True)
class Route:
    """One pattern; `declaration` is None for a route somebody forgot to declare."""

    path: str
    name: str
    declaration: Declaration | None

    @property
    def is_admin(self) -> bool:
        return self.path.startswith("admin/")

    def roles(self) -> list[str]:
        """Who passes the rule: anonymous, administrator, or roles."""
        return [] if self.declaration is None else allowed_by(self.declaration.rule)


def allowed_by(rule: Rule) -> list[str]:
    people = {role.value: _somebody(Authority({1: frozenset({role})})) for role in Role}
    people["administrator"] = _somebody(Authority({}), is_superuser=True)
    names = [name for name, person in people.items() if rule.allows(person)]
    return ["anonymous", *names] if rule.anonymous else names


def _somebody(authority: Authority, is_superuser: bool = False) -> SimpleNamespace:
    return SimpleNamespace(authority=authority, is_superuser=is_superuser)


def all_routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: Sequence[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif path.startswith("admin/"):
            yield Route(path, pattern.name or "", Declaration(ADMINISTRATOR, ("GET", "POST"), None))
        else:
            yield Route(path, pattern.name or "", getattr(pattern.callback, "declaration", None))
