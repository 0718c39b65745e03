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
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from studygroup.lib.errors import NotAllowed

View = Callable[..., HttpResponse]


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


def access(rule: Rule, methods: str = "GET", *, form: type[BaseForm] | None = None) -> Callable[[View], View]:
    """Declare and enforce: another method is 405, a person the rule does not allow is 403."""
    allowed = tuple(methods.split())

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in allowed and not (request.method == "HEAD" and "GET" in allowed):
                return HttpResponseNotAllowed(allowed)
            if not rule.anonymous and not rule.allows(request.user):
                raise NotAllowed(f"这个页面只对“{rule.label}”开放。如确需使用，请联系本单位学习秘书或系统管理员。")
            return view(request, *args, **kwargs)

        guarded.declaration = Declaration(rule, allowed, form)  # type: ignore[attr-defined]
        return login_not_required(guarded) if rule.anonymous else guarded

    return declare
