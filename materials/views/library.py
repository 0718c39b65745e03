"""学习资料, books and the register of what was handed out."""

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.actions.records import add_record, change_record
from accounts.forms.records import SeenVersionForm
from accounts.permissions import Permission
from accounts.views.records import KEEP, READ, Crumbs, entry_page, filters_of, kept_record, removal_page
from materials.actions.library import add_material, change_book, change_distribution, hand_out
from materials.forms.library import BookForm, DistributionForm, MaterialForm
from materials.models import Book, Distribution, Material
from studygroup.lib.access import access
from studygroup.lib.forms import posted
from studygroup.lib.once import once
from studygroup.lib.paging import page_of

# -- 学习资料 --


def _material_crumbs(material: Material | None = None) -> Crumbs:
    crumbs = [("学习资料", reverse("material_list"))]
    return [*crumbs, (material.title, reverse("material_detail", args=[material.pk]))] if material else crumbs


@access(READ)
def material_list(request: HttpRequest) -> HttpResponse:
    """The date of a text is that of its publication, or of its entry where that is not known."""
    rows = Material.objects.visible_to(request.user).alias(day=Coalesce("published_on", "added_on"))
    filters = filters_of(request, Permission.READ_LIBRARY, (rows, "day"))
    if filters.year:
        rows = rows.filter(day__year=filters.year)
    if filters.group:
        rows = rows.filter(group=filters.group)
    if filters.q:
        rows = rows.filter(Q(title__icontains=filters.q) | Q(source__icontains=filters.q))
    context = {
        "filters": filters,
        "page": page_of(request, rows.select_related("group").defer("body")),
        "may_keep": request.user.authority.holds(Permission.MANAGE_LIBRARY),
    }
    return render(request, "materials/material_list.html", context)


@access(READ)
def material_detail(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Material.objects.visible_to(request.user).select_related("group", "added_by")
    material = get_object_or_404(rows, pk=pk)
    may_keep = request.user.authority.allows(Permission.MANAGE_LIBRARY, material.group_id)
    context = {"material": material, "may_keep": may_keep, "crumbs": _material_crumbs()}
    return render(request, "materials/material_detail.html", context)


@access(KEEP, "GET POST", form=MaterialForm)
@once
def material_new(request: HttpRequest) -> HttpResponse:
    form = MaterialForm(posted(request), user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: add_material(group=form.chosen_group, **form.facts, by=request.user, at=timezone.now()),
        done=lambda material: reverse("material_detail", args=[material.pk]),
        title="录入学习资料",
        crumbs=_material_crumbs(),
        note="只录入非涉密资料。",
    )


@access(KEEP, "GET POST", form=MaterialForm)
def material_edit(request: HttpRequest, pk: int) -> HttpResponse:
    material = kept_record(request, Material.objects, pk)
    crumbs = _material_crumbs(material)
    form = MaterialForm(posted(request), instance=material, user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: change_record(material, **form.change, by=request.user, at=timezone.now()),
        done=lambda _: reverse("material_detail", args=[pk]),
        title="修改学习资料",
        crumbs=crumbs,
        remove=reverse("material_remove", args=[pk]),
    )


@access(KEEP, "GET POST", form=SeenVersionForm)
def material_remove(request: HttpRequest, pk: int) -> HttpResponse:
    material = kept_record(request, Material.objects, pk)
    return removal_page(request, material, done=reverse("material_list"), crumbs=_material_crumbs(material))


# -- 到书 --


def _register_crumbs(book: Book | None = None) -> Crumbs:
    crumbs = [("资料发放", reverse("distribution_list"))]
    return [*crumbs, (book.title, reverse("book_detail", args=[book.pk]))] if book else crumbs


@access(READ)
def book_detail(request: HttpRequest, pk: int) -> HttpResponse:
    books = Book.objects.visible_to(request.user).with_balance().select_related("group")
    book = get_object_or_404(books, pk=pk)
    context = {
        "book": book,
        "page": page_of(request, Distribution.objects.filter(book=book)),
        "may_keep": request.user.authority.allows(Permission.MANAGE_LIBRARY, book.group_id),
        "crumbs": _register_crumbs(),
    }
    return render(request, "materials/book_detail.html", context)


@access(KEEP, "GET POST", form=BookForm)
@once
def book_new(request: HttpRequest) -> HttpResponse:
    form = BookForm(posted(request), user=request.user, initial={"received_on": timezone.localdate()})
    return entry_page(
        request,
        form,
        save=lambda: add_record(Book(group=form.chosen_group, **form.facts), by=request.user, at=timezone.now()),
        done=lambda book: reverse("book_detail", args=[book.pk]),
        title="登记到书",
        crumbs=_register_crumbs(),
    )


@access(KEEP, "GET POST", form=BookForm)
def book_edit(request: HttpRequest, pk: int) -> HttpResponse:
    book = kept_record(request, Book.objects, pk)
    crumbs = _register_crumbs(book)
    form = BookForm(posted(request), instance=book, user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: change_book(book=book, **form.change, by=request.user, at=timezone.now()),
        done=lambda _: reverse("book_detail", args=[pk]),
        title="修改到书登记",
        crumbs=crumbs,
        remove=reverse("book_remove", args=[pk]),
    )


@access(KEEP, "GET POST", form=SeenVersionForm)
def book_remove(request: HttpRequest, pk: int) -> HttpResponse:
    book = kept_record(request, Book.objects, pk)
    return removal_page(request, book, done=reverse("distribution_list"), crumbs=_register_crumbs(book))


# -- 资料发放登记 --


@access(READ)
def distribution_list(request: HttpRequest) -> HttpResponse:
    """The register, filtered; above it the books it names and those of which copies are left."""
    rows = Distribution.objects.visible_to(request.user)
    filters = filters_of(request, Permission.READ_LIBRARY, (rows, "handed_out_on"))
    books = Book.objects.visible_to(request.user).with_balance().select_related("group")
    if filters.year:
        rows = rows.filter(handed_out_on__year=filters.year)
    if filters.group:
        books, rows = books.filter(group=filters.group), rows.filter(group=filters.group)
    if filters.q:
        rows = rows.filter(Q(book__title__icontains=filters.q) | Q(receiver__icontains=filters.q))
    context = {
        "filters": filters,
        "books": books.filter(Q(balance__gt=0) | Q(pk__in=rows.order_by().values("book"))),
        "page": page_of(request, rows.select_related("book", "group")),
        "copies": rows.aggregate(total=Sum("copies"))["total"] or 0,
        "kept": request.user.authority.groups_with(Permission.MANAGE_LIBRARY),
    }
    return render(request, "materials/distribution_list.html", context)


@access(KEEP, "GET POST", form=DistributionForm)
@once
def distribution_new(request: HttpRequest) -> HttpResponse:
    initial = {"handed_out_on": timezone.localdate(), "book": request.GET.get("book"), "is_signed": True}
    form = DistributionForm(posted(request), user=request.user, initial=initial)
    return entry_page(
        request,
        form,
        save=lambda: hand_out(**form.facts, by=request.user, at=timezone.now()),
        done=lambda entry: reverse("book_detail", args=[entry.book_id]),
        title="登记发放",
        crumbs=_register_crumbs(),
    )


@access(KEEP, "GET POST", form=DistributionForm)
def distribution_edit(request: HttpRequest, pk: int) -> HttpResponse:
    entry = kept_record(request, Distribution.objects.select_related("book"), pk)
    crumbs = _register_crumbs(entry.book)
    form = DistributionForm(posted(request), instance=entry, user=request.user)
    return entry_page(
        request,
        form,
        save=lambda: change_distribution(distribution=entry, **form.change, by=request.user, at=timezone.now()),
        done=lambda _: reverse("book_detail", args=[entry.book_id]),
        title="修改发放登记",
        crumbs=crumbs,
        remove=reverse("distribution_remove", args=[pk]),
    )


@access(KEEP, "GET POST", form=SeenVersionForm)
def distribution_remove(request: HttpRequest, pk: int) -> HttpResponse:
    entry = kept_record(request, Distribution.objects.select_related("book"), pk)
    return removal_page(request, entry, done=reverse("distribution_list"), crumbs=_register_crumbs(entry.book))
