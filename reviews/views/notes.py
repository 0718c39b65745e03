"""内部备注 on the page of a case."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from reviews.actions import add_note
from reviews.forms.verdict import NoteForm
from reviews.views.case import to_move
from reviews.views.queue import READERS
from studygroup.lib.access import access
from studygroup.lib.once import once


@access(READERS, "POST", form=NoteForm)
@once
def review_note(request: HttpRequest, pk: int) -> HttpResponse:
    case, form = to_move(request, pk), NoteForm(request.POST)
    if form.is_valid():
        add_note(case=case, text=form.cleaned_data["text"], by=request.user, at=timezone.now())
        messages.success(request, "备注已保存，只有审核人看得到。")
    else:
        messages.error(request, next(iter(form.errors.values()))[0])
    return redirect(f"{reverse('review_detail', args=[pk])}#notes")
