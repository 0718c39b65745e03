"""One declared rule for every route.

`@access(rule, "GET POST", form=PlanForm)` says who may come at all; which objects he then finds is the business of
`visible_to`. The declaration is what `manage.py access_matrix` prints.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve

from studygroup.lib.errors import NotAllowed

View = Callable[..., HttpResponse]
LARGEST_ID = 2**63 - 1  # what a row's number can be; SQLite fails on more


@dataclass(frozen=True)
class Rule:
    """Who may use a route. `allows` is asked only for people who are signed in."""

    code: str
    label: str
    allows: Callable[[Any], bool]
    anonymous: bool = False


PUBLIC = Rule("public", "任何人", lambda user: True, anonymous=True)
SIGNED_IN = Rule("signed_in", "已登录的人", lambda user: True)
ADMINISTRATOR = Rule("administrator", "系统管理员", lambda user: user.is_superuser)


@dataclass(frozen=True)
class Declaration:
    rule: Rule
    methods: tuple[str, ...]
    form: type[BaseForm] | None


def may_open(user: Any, address: str) -> bool:
    """Whether the page's rule lets him come; what he finds there is the page's business."""
    declared = getattr(resolve(address.partition("?")[0]).func, "declaration", None)
    return declared is None or declared.rule.allows(user)


def _wrong_method(request: HttpRequest, allowed: tuple[str, ...]) -> HttpResponse:
    """A browser that restores its pages asks for an address that only takes forms: lead it to the page above."""
    page = render(request, "405.html", {"back": _page_above(request.path)}, status=405)
    page.headers["Allow"] = ", ".join(allowed)
    return page


def _page_above(path: str) -> str:
    """The nearest address above this one that can be opened."""
    while path := path.rstrip("/").rpartition("/")[0]:
        try:
            declared = getattr(resolve(f"{path}/").func, "declaration", None)
        except Http404:
            continue
        if declared and "GET" in declared.methods:
            return f"{path}/"
    return "/"


def access(rule: Rule, methods: str = "GET", *, form: type[BaseForm] | None = None) -> Callable[[View], View]:
    """Declare and enforce: another method is 405, a person the rule does not allow is 403."""
    allowed = tuple(methods.split())

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in allowed and not (request.method == "HEAD" and "GET" in allowed):
                return _wrong_method(request, allowed)
            if not rule.anonymous and not rule.allows(request.user):
                raise NotAllowed("您没有查看这个页面的权限。如确需使用，请联系办公室。")
            if any(isinstance(value, int) and value > LARGEST_ID for value in kwargs.values()):
                raise Http404
            return view(request, *args, **kwargs)

        guarded.declaration = Declaration(rule, allowed, form)  # type: ignore[attr-defined]
        return login_not_required(guarded) if rule.anonymous else guarded

    return declare
