"""Small wrappers around every request."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from studygroup.lib import audit
from studygroup.lib.errors import Refused
from studygroup.lib.parse import whole_number

Responder = Callable[[HttpRequest], HttpResponse]

POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


def content_security_policy(get_response: Responder) -> Responder:
    """Nothing is loaded from elsewhere and nothing inline runs; a view may set a stricter policy itself."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        # Private pages are asked for anew each time: nothing of them stays in a shared computer's cache.
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return respond


def request_size(get_response: Responder) -> Responder:
    """Refuse a body that is too large before a byte of it is read; without a login little is needed."""

    def respond(request: HttpRequest) -> HttpResponse:
        known = settings.SESSION_COOKIE_NAME in request.COOKIES
        limit = settings.REQUEST_MAX_BYTES if known else 1024 * 1024
        if whole_number(request.META.get("CONTENT_LENGTH") or 0, limit + 1) > limit:
            text = "一次提交的内容太大，没有保存。请减少或压缩附件，分几次上传。"
            page = render_to_string("413.html", {"message": text})
            return HttpResponse(page, status=413)
        return get_response(request)

    return respond


def session_limits(get_response: Responder) -> Responder:
    """Sign out whoever was idle longer than SESSION_IDLE_LIMIT. Written at most every five minutes."""

    def respond(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return get_response(request)
        now = timezone.now().timestamp()
        seen = request.session.get("seen_at")
        if seen is not None and now - seen > settings.SESSION_IDLE_LIMIT.total_seconds():
            logout(request)
        elif "_auth_user_id" in request.session and (seen is None or now - seen > 300):
            expiry = request.session.get_expiry_date() if seen is not None else None
            request.session["seen_at"] = now
            if expiry is not None:  # keep the absolute limit where it was
                request.session.set_expiry(expiry)
        return get_response(request)

    return respond


def client_address(get_response: Responder) -> Responder:
    """Behind our own HTTPS proxy the caller is the last address the proxy has seen; elsewhere the header is a lie."""

    def respond(request: HttpRequest) -> HttpResponse:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if settings.BEHIND_TLS and forwarded:
            request.META["REMOTE_ADDR"] = forwarded.rpartition(",")[2].strip()[:45]
        return get_response(request)

    return respond


def audit_origin(get_response: Responder) -> Responder:
    """Let audit rows know the address a change came from."""

    def respond(request: HttpRequest) -> HttpResponse:
        with audit.origin(request.META.get("REMOTE_ADDR", "")):
            return get_response(request)

    return respond


def same_person(get_response: Responder) -> Responder:
    """A page made for one person and sent when another has signed in with the same browser: nothing is stored, and
    nothing of what was typed is shown. Forms that hold long texts say in `who` whose page they are."""

    def respond(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and is_of_another(request):
            text = "这个页面是另一位同志登录时打开的，没有保存。请从首页重新打开。"
            return render(request, "403.html", {"message": text}, status=403)
        return get_response(request)

    return respond


def is_of_another(request: HttpRequest) -> bool:
    who = request.POST.get("who", "")
    return bool(who) and request.user.is_authenticated and who != str(request.user.pk)


class Refusals:
    """A refusal no view has caught becomes a readable page that still shows what was typed."""

    def __init__(self, get_response: Responder) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        context = {
            "message": exception.message,
            "current": getattr(exception, "current", {}),
            "typed": typed_fields(request),
            "back": getattr(exception, "back", "") or page_before(request),
        }
        return render(request, f"{exception.status}.html", context, status=exception.status)


def page_before(request: HttpRequest) -> str:
    """The page of this site the person came from, to open it afresh; home when there is none."""
    referer = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(referer, {request.get_host()})
    return urlsplit(referer).path if referer and own else "/"


HIDDEN_FROM_ECHO = (
    *("csrfmiddlewaretoken", "password", "old_password", "pin", "pin_again", "version", "seen_version"),
    *("who", "pen", "pen_serial"),
)


CHOSEN = ("kind", "group", "session", "request", "remove", "short", "hand_in", "check", "wording")
LABELS = {
    "title": "标题",
    "body": "正文",
    "topic": "专题",
    "purpose": "用途",
    "written_on": "成文日期",
    "comment": "意见",
    "reason": "理由",
}


def label_of(name: str) -> str:
    """What the field of a form is called where only its name is known; "" when nobody has said."""
    return LABELS.get(name, "修改说明" if name.startswith("answer_") else "")


def typed_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """What the person typed into the refused form, with its label, to copy from. Secrets, counters and choices are
    left out."""
    return [
        (label_of(name), value)
        for name in request.POST
        if name not in (*HIDDEN_FROM_ECHO, *CHOSEN) and "password" not in name and not name.endswith("_FORMS")
        for value in request.POST.getlist(name)
        if len(value.strip()) > 1
    ]
