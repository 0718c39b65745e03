"""The roof: the home page joins the floors; health for the supervisor and the balancer."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from studygroup.desk import desk_of
from studygroup.lib.access import PUBLIC, SIGNED_IN, access
from studygroup.lib.middleware import page_before, typed_fields
from studygroup.lib.models.job import Heartbeat
from studygroup.lib.tasks import WORKER

WORKER_SILENT_AFTER = timedelta(seconds=60)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    context: dict[str, Any] = {"typed": typed_fields(request), "back": page_before(request)}
    context["message"] = "这个页面打开得太久，已经失效。请重新打开页面后再提交一次。"
    if not request.user.is_authenticated:
        context["message"] = "登录已经失效，没有保存。请重新登录；您写的都在下面，回到原来的页面后再填一次或恢复。"
        context["back"] = f"/login/?{urlencode({'next': context['back']})}"
        context["back_text"] = "重新登录"
    return render(request, "403.html", context, status=403)


@access(SIGNED_IN)
def home(request: HttpRequest) -> HttpResponse:
    """工作台: what waits for this person, each with one verb."""
    return render(request, "home.html", {"desk": desk_of(request.user, timezone.now())})


@access(PUBLIC)
def healthz(request: HttpRequest) -> HttpResponse:
    """200 with the state of database, broker and worker; 503 only when the database is gone."""
    state = {"database": "ok", "broker": _broker(), "worker": "unknown"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        beat = Heartbeat.objects.filter(name=WORKER).values_list("at", flat=True).first()
        alive = beat is not None and timezone.now() - beat < WORKER_SILENT_AFTER
        state["worker"] = "ok" if alive else "silent"
    except DatabaseError:
        state["database"] = "gone"
    return JsonResponse(state, status=503 if state["database"] == "gone" else 200)


def _broker() -> str:
    if not settings.REDIS_URL:
        return "ok"  # a folder beside the data
    import redis

    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    try:
        client.ping()
    except redis.RedisError:
        return "gone"
    finally:
        client.close()
    return "ok"
