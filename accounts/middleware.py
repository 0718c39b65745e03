from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from studygroup.lib import audit


def oversight(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """上级督导: every page somebody sees only as a supervisor is recorded."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        user: Any = request.user
        looked = request.method == "GET" and response.status_code == 200 and user.is_authenticated
        if looked and user.authority.only_oversees:
            path = request.get_full_path()[:300]
            audit.record("oversight.look", target=user, by=user, at=timezone.now(), path=path)
        return response

    return respond


def first_password(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Somebody with an initial password changes it before anything else."""

    def respond(request: HttpRequest) -> HttpResponse:
        waiting = request.user.is_authenticated and request.user.must_change_password
        if waiting and request.path not in (reverse("password_change"), reverse("logout")):
            return redirect("password_change")
        return get_response(request)

    return respond
