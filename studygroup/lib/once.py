"""A form that makes something new is carried out once, however often its button is pressed.

The first press leaves a receipt before anything is done; the same content from the same person within WINDOW finds it
and is led to where the first one went. A form that comes back with mistakes gives its receipt back.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from studygroup.lib.models.receipt import FormReceipt

WINDOW = timedelta(seconds=30)
View = Callable[..., HttpResponse]


def once(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        digest = _digest(request)
        if not _first(request, digest):
            return _as_before(request, digest)
        mine = FormReceipt.objects.filter(digest=digest)
        try:
            response = view(request, *args, **kwargs)
        except BaseException:
            mine.delete()
            raise
        if response.status_code in (302, 303):
            mine.update(address=response.headers["Location"][:500])
        else:
            mine.delete()
        return response

    return guarded


def _digest(request: HttpRequest) -> str:
    fields = {name: request.POST.getlist(name) for name in sorted(request.POST) if name != "csrfmiddlewaretoken"}
    files = [(name, f.name, f.size) for name in sorted(request.FILES) for f in request.FILES.getlist(name)]
    text = json.dumps([request.user.pk, request.path, fields, files], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _first(request: HttpRequest, digest: str) -> bool:
    now = timezone.now()
    FormReceipt.objects.filter(digest=digest, at__lt=now - WINDOW).delete()
    try:
        with transaction.atomic():
            FormReceipt.objects.create(digest=digest, user_id=request.user.pk, at=now)
    except IntegrityError:
        return False
    return True


def _as_before(request: HttpRequest, digest: str) -> HttpResponse:
    address = FormReceipt.objects.filter(digest=digest).values_list("address", flat=True).first()
    messages.info(request, "同样的内容刚才已经收到，没有再存一份。如确需再登记一条，请稍后再试，或改动其中一项。")
    return redirect(address or "home")
