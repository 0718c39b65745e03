from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403.html", {"message": "这个页面打开得太久，已经失效。请刷新后再提交一次。"}, status=403)
