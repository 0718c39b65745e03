"""学习资料 and the register of copies, through the pages people use."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction
from django.urls import reverse

from accounts.actions.records import add_record
from materials.actions.library import add_material, change_distribution, hand_out
from materials.models import Book, Distribution, Material
from studygroup.lib.errors import Refused
from studygroup.lib.models import AuditEntry

DAY = date(2020, 4, 7)


def make_material(cast, now, **facts):
    plain = {"title": "论党的建设", "source": "《求是》"}
    return add_material(group=cast.group, by=cast.office, at=now, **(plain | facts))


def make_book(cast, now, *, copies=10, title="中国制度面对面", group=None, by=None):
    book = Book(group=group or cast.group, title=title, received_copies=copies, received_on=DAY)
    return add_record(book, by=by or cast.office, at=now)


def give(cast, now, book, copies=1, receiver="成员一", **facts):
    return hand_out(book=book, receiver=receiver, copies=copies, handed_out_on=DAY, by=cast.office, at=now, **facts)


def entry(book, copies=1, **more):
    return {
        "book": book.pk,
        "receiver": "工作区",
        "copies": copies,
        "handed_out_on": "2020-04-08",
        "is_signed": "on",
    } | more


# -- 学习资料 --


def test_material_is_added_changed_and_removed(cast, as_):
    office = as_(cast.office)
    typed = {"title": "=1+1", "source": "学习强国", "source_level": "central", "published_on": "2020-03-01"}
    response = office.post(reverse("material_new"), typed, follow=True)
    material = Material.objects.get()
    assert response.redirect_chain == [(reverse("material_detail", args=[material.pk]), 302)]
    assert (material.title, material.group, material.added_by) == ("=1+1", cast.group, cast.office)

    edit = reverse("material_edit", args=[material.pk])
    office.post(edit, typed | {"title": "定稿", "version": material.version})
    material.refresh_from_db()
    assert (material.title, material.version) == ("定稿", 1)

    remove = reverse("material_remove", args=[material.pk])
    assert "确定删除“定稿”吗" in office.get(remove).content.decode()
    assert Material.objects.exists()
    office.post(remove, {"version": 1})
    assert not Material.objects.exists()
    written = list(AuditEntry.objects.filter(action__startswith="material.").values_list("action", flat=True))
    assert written == ["material.add", "material.change", "material.remove"]
    assert AuditEntry.objects.last().detail["values"]["title"] == "定稿"


def test_long_title_is_a_field_error_and_nothing_is_lost(cast, as_):
    title = "学" * 10_000
    response = as_(cast.office).post(reverse("material_new"), {"title": title, "source": "《人民日报》"})
    page = response.content.decode()
    assert "最多 200 个字，现在有 10000 个" in page
    assert title in page
    assert "《人民日报》" in page
    assert not Material.objects.exists()


def test_second_writer_sees_both_texts_and_may_save_knowingly(cast, as_, now):
    material = make_material(cast, now)
    edit = reverse("material_edit", args=[material.pk])
    mine = {"title": "我写的标题", "source": "《求是》", "version": 0}
    as_(cast.propaganda).post(edit, {"title": "别人写的标题", "source": "《求是》", "version": 0})

    response = as_(cast.office).post(edit, mine)
    page = response.content.decode()
    assert response.status_code == 409
    assert "别人写的标题" in page
    assert 'value="我写的标题"' in page
    assert Material.objects.get().title == "别人写的标题"

    version = response.context["form"]["version"].value()
    as_(cast.office).post(edit, mine | {"version": version})
    assert Material.objects.get().title == "我写的标题"


def test_text_typed_into_a_removed_row_is_not_lost(cast, as_, now):
    material = make_material(cast, now)
    as_(cast.propaganda).post(reverse("material_remove", args=[material.pk]), {"version": 0})
    typed = {"title": "还没有保存的标题", "source": "《求是》", "version": 0}
    response = as_(cast.office).post(reverse("material_edit", args=[material.pk]), typed)
    assert response.status_code == 409
    assert "还没有保存的标题" in response.content.decode()


def test_stale_removal_removes_nothing(cast, as_, now):
    material = make_material(cast, now)
    as_(cast.propaganda).post(
        reverse("material_edit", args=[material.pk]), {"title": "改过", "source": "《求是》", "version": 0}
    )
    response = as_(cast.office).post(reverse("material_remove", args=[material.pk]), {"version": 0})
    assert response.status_code == 409
    assert Material.objects.get().title == "改过"


@pytest.mark.parametrize("route", ["material_detail", "material_edit", "material_remove"])
def test_foreign_material_is_not_there(cast, as_, now, route):
    material = make_material(cast, now, title="只给本镇的资料")
    foreign, address = as_(cast.foreign_office), reverse(route, args=[material.pk])
    for response in (foreign.get(address), foreign.get(reverse("material_list") + "?q=本镇")):
        assert "只给本镇的资料" not in response.content.decode()
    assert foreign.get(address).status_code == 404
    if route != "material_detail":
        assert foreign.post(address, {"title": "改", "source": "改", "version": 0}).status_code == 404
    assert Material.objects.get().version == 0


def test_member_reads_but_does_not_keep(cast, as_, now):
    material = make_material(cast, now, body="第一段。\n第二段。")
    member = as_(cast.m1)
    page = member.get(reverse("material_detail", args=[material.pk])).content.decode()
    assert "第二段。" in page
    assert reverse("material_edit", args=[material.pk]) not in page
    for route in ("material_edit", "material_remove"):
        assert member.post(reverse(route, args=[material.pk]), {"version": 0}).status_code == 403
    assert member.get(reverse("material_new")).status_code == 403
    assert Material.objects.get().version == 0


def test_supervisor_of_the_group_sees_it_but_may_not_change_it(cast, as_, now):
    material = make_material(cast, now)
    supervisor = as_(cast.supervisor)
    assert supervisor.get(reverse("material_detail", args=[material.pk])).status_code == 200
    assert supervisor.get(reverse("material_edit", args=[material.pk])).status_code == 403


def test_list_filters_by_word_and_by_the_year_of_publication(cast, as_, now):
    make_material(cast, now, title="甲文", source="《半月谈》", published_on=date(2019, 12, 31))
    make_material(cast, now, title="乙文", source="《求是》", published_on=date(2020, 1, 1))
    make_material(cast, now, title="丙文", source="《求是》")
    office, address = as_(cast.office), reverse("material_list")

    def titles(query):
        return {row.title for row in office.get(address + query).context["page"]}

    assert titles("?q=半月") == {"甲文"}
    assert titles("?year=2020") == {"乙文"}
    assert titles(f"?year={now.year}") == {"丙文"}
    for nonsense in ("?year=99999", "?year=x", "?page=-3", "?group=abc", "?q=%00"):
        assert titles(nonsense) == {"甲文", "乙文", "丙文"}


def test_a_row_of_another_group_cannot_be_linked(cast, now):
    book = make_book(cast, now, group=cast.foreign_group, by=cast.foreign_office)
    mixed = Distribution(group=cast.group, book=book, receiver="某人", copies=1, handed_out_on=DAY)
    with pytest.raises(Refused, match="不属于这个学习组"):
        add_record(mixed, by=cast.office, at=now)


# -- 到书 and 发放 --


def test_copies_are_handed_out_down_to_none(cast, as_, now):
    book, office = make_book(cast, now, copies=5), as_(cast.office)
    office.post(reverse("distribution_new"), entry(book, 4))
    response = office.post(reverse("distribution_new"), entry(book, 2))
    assert "“中国制度面对面”只余 1 册，不够发放 2 册" in response.content.decode()
    assert 'value="工作区"' in response.content.decode()
    office.post(reverse("distribution_new"), entry(book, 1))
    response = office.post(reverse("distribution_new"), entry(book, 1, receiver="另一工作区"))
    assert "只余 0 册" in response.content.decode()

    shown = office.get(reverse("distribution_list") + "?year=2020")
    assert shown.context["copies"] == 5
    listed = next(row for row in shown.context["books"] if row.pk == book.pk)
    assert (listed.received_copies, listed.given, listed.balance) == (5, 5, 0)


def test_correcting_an_entry_counts_its_own_copies_as_given_back(cast, as_, now):
    book = make_book(cast, now, copies=5)
    given, office = give(cast, now, book, 4), as_(cast.office)
    address = reverse("distribution_edit", args=[given.pk])
    assert "只余 5 册" in office.post(address, entry(book, 6, version=0)).content.decode()
    office.post(address, entry(book, 5, version=0))
    assert Distribution.objects.get().copies == 5
    office.post(reverse("distribution_remove", args=[given.pk]), {"version": 1})
    assert not Distribution.objects.exists()


def test_moving_an_entry_to_another_book_needs_copies_there(cast, now):
    book, scarce = make_book(cast, now), make_book(cast, now, copies=1, title="少有的书")
    given = give(cast, now, book, 4)
    changes = {"book": scarce, "receiver": "成员一", "copies": 4, "handed_out_on": DAY, "is_signed": True}
    with pytest.raises(Refused, match="“少有的书”只余 1 册"):
        change_distribution(distribution=given, seen_version=0, changes=changes, by=cast.office, at=now)
    assert Distribution.objects.get().book == book


def test_book_keeps_at_least_what_was_handed_out(cast, as_, now):
    book = make_book(cast, now, copies=5)
    give(cast, now, book, 4)
    typed = {"title": "新书名", "received_copies": 3, "received_on": "2020-04-07", "version": 0}
    response = as_(cast.office).post(reverse("book_edit", args=[book.pk]), typed)
    assert "到书册数不能少于 4" in response.content.decode()
    assert 'value="新书名"' in response.content.decode()
    as_(cast.office).post(reverse("book_edit", args=[book.pk]), typed | {"received_copies": 4})
    book.refresh_from_db()
    assert (book.title, book.received_copies) == ("新书名", 4)


def test_book_with_receivers_is_not_removed(cast, as_, now):
    book = make_book(cast, now)
    give(cast, now, book)
    response = as_(cast.office).post(reverse("book_remove", args=[book.pk]), {"version": 0})
    assert response.status_code == 400
    assert "已被资料发放使用" in response.content.decode()
    assert Book.objects.filter(pk=book.pk).exists()


def test_book_page_names_its_receivers(cast, as_, now):
    book = make_book(cast, now)
    give(cast, now, book, receiver="佟家庄村", is_signed=False)
    page = as_(cast.m1).get(reverse("book_detail", args=[book.pk])).content.decode()
    assert "佟家庄村" in page
    assert "未签字" in page
    assert as_(cast.foreign_m1).get(reverse("book_detail", args=[book.pk])).status_code == 404


def test_books_of_others_cannot_be_chosen(cast, as_, now):
    foreign = make_book(cast, now, title="外镇的书", group=cast.foreign_group, by=cast.foreign_office)
    make_book(cast, now)
    office = as_(cast.office)
    assert "外镇的书" not in office.get(reverse("distribution_new")).content.decode()
    response = office.post(reverse("distribution_new"), entry(foreign))
    assert response.context["form"].errors["book"]
    assert not Distribution.objects.exists()


@pytest.mark.parametrize("copies", ["0", "-1", "999999999999", "多"])
def test_copies_are_a_plausible_number(cast, as_, now, copies):
    book = make_book(cast, now)
    response = as_(cast.office).post(reverse("distribution_new"), entry(book, copies))
    assert response.context["form"].errors["copies"]
    assert not Distribution.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_last_copy_goes_to_one_of_many(cast, now):
    book, outcomes = make_book(cast, now, copies=3), []

    def ask(number):
        try:
            with transaction.atomic():
                give(cast, now, book, receiver=f"第{number}人")
            outcomes.append("given")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["given"] * 3 + ["refused"] * 5
    assert Distribution.objects.count() == 3


# -- many rows --


@pytest.mark.parametrize("route", ["material_list", "distribution_list", "book_detail"])
@pytest.mark.parametrize("who", ["office", "m1", "supervisor"])
def test_lists_ask_the_database_equally_often_for_one_row_and_thirty(
    cast, as_, now, route, who, django_assert_max_num_queries
):
    book = make_book(cast, now, copies=100)
    address = reverse(route, args=[book.pk] if route == "book_detail" else [])

    def count():
        with django_assert_max_num_queries(12) as captured:
            assert as_client.get(address).status_code == 200
        return len(captured)

    as_client = as_(getattr(cast, who))
    make_material(cast, now)
    give(cast, now, book)
    as_client.get(address)
    one = count()
    for number in range(29):
        make_material(cast, now, title=f"资料{number}")
        give(cast, now, make_book(cast, now, title=f"书{number}") if number % 2 else book)
    assert count() == one
