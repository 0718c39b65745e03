from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from studygroup.lib.access import PUBLIC, SIGNED_IN, access


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403.html", {"message": "这个页面打开得太久，已经失效。请刷新后再提交一次。"}, status=403)


@access(SIGNED_IN)
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


@access(PUBLIC)
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")
