from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


def first_password(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Somebody with an initial password changes it before anything else."""

    def respond(request: HttpRequest) -> HttpResponse:
        waiting = request.user.is_authenticated and request.user.must_change_password
        if waiting and request.path not in (reverse("password_change"), reverse("logout")):
            return redirect("password_change")
        return get_response(request)

    return respond
