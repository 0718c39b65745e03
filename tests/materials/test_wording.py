"""用语词库: editions, entries of one's own, switched-off shipped ones, and what a text is held against."""

import threading
from datetime import date

import pytest
from django.db import connection

from accounts.actions.records import ChangedMeanwhile
from materials.actions.wording import (
    add_wording,
    change_wording,
    ensure_wording,
    restore_wording,
    retire_wording,
)
from materials.advice import wording_of
from materials.documents import body_blocks
from materials.models import Material, WordingEdition, WordingEntry
from materials.models.wording import dictionary_of, edition_of
from materials.wording.shipped import SHIPPED
from studygroup.lib.errors import NotAllowed, Overtaken, Refused
from studygroup.lib.models import AuditEntry

DAY = date(2020, 7, 1)
OWN = {"sort": "typo", "found": "佟家庄子", "advised": "佟家庄村"}


@pytest.fixture(autouse=True)
def shipped(db, now):
    ensure_wording(at=now)  # the rows of the migration do not outlive tests that empty the tables


def add(cast, now, group=None, by=None, **facts):
    return add_wording(group=group or cast.group, by=by or cast.propaganda, at=now, **(OWN | facts))


def change(cast, now, entry, seen=None, **changes):
    seen = seen or entry.pk
    return change_wording(group=cast.group, entry=entry, seen_version=seen, changes=changes, by=cast.propaganda, at=now)


def found_in(group, text, edition=None, day=DAY):
    checked = wording_of(body_blocks(text), group_id=group.pk, day=day, edition=edition)
    return [(one.found, one.advised) for one in checked.advices]


def test_a_group_without_a_row_of_its_own_uses_what_is_shipped(cast, now):
    edition = edition_of(cast.group.pk)
    assert (edition.pk, edition.number, edition.release) == (None, 1, 1)
    assert {one.found for one in dictionary_of(edition)} == {one.found for one in SHIPPED}
    assert found_in(cast.group, "再接再励，一如继往。") == [("再接再励", "再接再厉"), ("一如继往", "一如既往")]
    assert not WordingEdition.objects.exists()  # looking writes nothing


def test_shipping_twice_changes_nothing(cast, now):
    before = list(WordingEntry.objects.values_list("pk", "retired_in").order_by("pk"))
    ensure_wording(at=now)
    assert list(WordingEntry.objects.values_list("pk", "retired_in").order_by("pk")) == before


def test_every_change_makes_an_edition_and_an_old_one_can_be_repeated(cast, now):
    text = "佟家庄子召开坐谈会。"
    entry = add(cast, now)
    changed = change(cast, now, entry, advised="佟家庄")
    retire_wording(group=cast.group, entry=changed, by=cast.propaganda, at=now)
    restore_wording(group=cast.group, entry=changed, by=cast.propaganda, at=now)
    told = WordingEdition.objects.order_by("number").values_list("number", "note", "made_by__name")
    assert list(told) == [
        (2, "新增“佟家庄子”", "宣委丙"),
        (3, "修改“佟家庄子”", "宣委丙"),
        (4, "停用“佟家庄子”", "宣委丙"),
        (5, "恢复“佟家庄子”", "宣委丙"),
    ]
    by_edition = [dict(found_in(cast.group, text, edition)).get("佟家庄子") for edition in (1, 2, 3, 4, 5, None)]
    assert by_edition == [None, "佟家庄村", "佟家庄", None, "佟家庄", "佟家庄"]
    assert "（词库第5版）" in wording_of([], group_id=cast.group.pk, day=DAY).sentence
    actions = AuditEntry.objects.filter(action__startswith="wording.").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["wording.add", "wording.change", "wording.retire", "wording.restore"]
    assert AuditEntry.objects.filter(action="wording.change").get().detail["values"]["advised"] == "佟家庄"


def test_an_entry_is_never_rewritten(cast, now):
    entry = add(cast, now)
    change(cast, now, entry, advised="别的")
    entry.refresh_from_db()
    assert (entry.advised, entry.retired_in) == ("佟家庄村", 3)
    assert WordingEntry.objects.get(replaces=entry).advised == "别的"


def test_a_shipped_entry_is_switched_off_and_on_for_one_group_alone(cast, now):
    typo = WordingEntry.objects.get(group=None, found="坐谈会")
    retire_wording(group=cast.group, entry=typo, by=cast.propaganda, at=now)
    assert found_in(cast.group, "坐谈会") == []
    assert found_in(cast.foreign_group, "坐谈会") == [("坐谈会", "座谈会")]
    assert found_in(cast.group, "坐谈会", edition=1) == [("坐谈会", "座谈会")]
    with pytest.raises(Overtaken, match="已经停用"):
        retire_wording(group=cast.group, entry=typo, by=cast.propaganda, at=now)
    restore_wording(group=cast.group, entry=typo, by=cast.propaganda, at=now)
    assert found_in(cast.group, "坐谈会") == [("坐谈会", "座谈会")]
    assert found_in(cast.group, "坐谈会", edition=2) == []
    with pytest.raises(Refused, match="已经有"):
        restore_wording(group=cast.group, entry=typo, by=cast.propaganda, at=now)


def test_changing_a_shipped_entry_makes_an_own_one_in_its_place(cast, now):
    typo = WordingEntry.objects.get(group=None, found="坐谈会")
    own = change(cast, now, typo, advised="座谈会议")
    assert (own.group, own.replaces) == (cast.group, typo)
    assert found_in(cast.group, "坐谈会") == [("坐谈会", "座谈会议")]
    retire_wording(group=cast.group, entry=own, by=cast.propaganda, at=now)
    assert found_in(cast.group, "坐谈会") == []
    assert found_in(cast.foreign_group, "坐谈会") == [("坐谈会", "座谈会")]


def test_second_writer_sees_what_stands_there_and_may_save_knowingly(cast, now):
    entry = add(cast, now)
    living = change(cast, now, entry, advised="甲")
    with pytest.raises(ChangedMeanwhile) as caught:
        change(cast, now, entry, advised="乙")
    assert caught.value.current == {"建议写法": "甲"}
    assert caught.value.version == living.pk
    assert change(cast, now, entry, seen=caught.value.version, advised="乙").advised == "乙"
    assert edition_of(cast.group.pk).number == 4  # the refused one made none
    retire_wording(group=cast.group, entry=WordingEntry.objects.latest("pk"), by=cast.propaganda, at=now)
    with pytest.raises(Overtaken, match="被停用"):
        change(cast, now, entry, advised="丙")


def test_the_same_word_twice_is_refused(cast, now):
    add(cast, now)
    with pytest.raises(Refused, match="词库里已经有“佟家庄子”"):
        add(cast, now)
    with pytest.raises(Refused, match="随系统提供的词条里已经有“坐谈会”"):
        add(cast, now, found="坐谈会", advised="座谈会")
    assert edition_of(cast.group.pk).number == 2


@pytest.mark.parametrize("found", ["", "按", "。，", "按 装"])
def test_words_that_would_alarm_everywhere_are_refused(cast, now, found):
    with pytest.raises(Refused):
        add(cast, now, found=found)
    assert not WordingEdition.objects.exists()


def test_days_in_the_wrong_order_are_refused(cast, now):
    with pytest.raises(Refused, match="不能早于"):
        add(cast, now, valid_from=date(2020, 5, 1), valid_until=date(2020, 4, 1))


@pytest.mark.parametrize("who", ["office", "secretary", "m1", "supervisor", "foreign_office", "foreign_secretary"])
def test_only_the_study_secretary_keeps_the_dictionary(cast, now, who):
    with pytest.raises(NotAllowed):
        add(cast, now, by=getattr(cast, who))
    assert not WordingEntry.objects.exclude(group=None).exists()


def test_entries_and_library_of_another_group_are_never_used(cast, now):
    add(cast, now)
    Material.objects.create(
        group=cast.group, title="讲话", source="本镇", added_on=DAY, body="基层是一切工作的落脚点，必须抓紧抓好。"
    )
    text = "佟家庄子的同志说“基层是一切工作的落脚点，要抓紧抓好”。"
    assert [one[0] for one in found_in(cast.group, text)] == ["佟家庄子", "基层是一切工作的落脚点，要抓紧抓好"]
    assert found_in(cast.foreign_group, text) == []
    assert found_in(cast.sub_group, text) == []


def test_papers_are_asked_for_what_held_on_their_own_day(cast, now):
    assert found_in(cast.group, "开展精准扶贫。", day=date(2020, 7, 1)) == []
    assert found_in(cast.group, "开展精准扶贫。", day=date(2021, 7, 1)) == [("精准扶贫", "乡村振兴")]


def test_places_are_the_paragraphs_as_printed(cast, now):
    blocks = [{"type": "facts", "rows": []}, *body_blocks("一、认识\n坐谈会开得好。")]
    checked = wording_of(blocks, title="坐谈会体会", group_id=cast.group.pk, day=DAY)
    assert [one.place for one in checked.advices] == ["标题", "第2段"]


def test_a_check_asks_the_database_three_times_at_most(cast, now, django_assert_max_num_queries):
    for number in range(30):
        add(cast, now, found=f"错词{number:02d}", advised="对词")
    with django_assert_max_num_queries(3):
        assert len(found_in(cast.group, "错词01，错词02，“引用的一句话要够长”")) == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_each_makes_an_edition_of_its_own(cast, now):
    outcomes = []

    def ask(number):
        try:
            add(cast, now, found=f"错词{number:02d}" if number < 4 else "同一个错词")
            outcomes.append("added")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["added"] * 5 + ["refused"] * 3
    numbers = WordingEdition.objects.filter(group=cast.group).order_by("number").values_list("number", flat=True)
    assert list(numbers) == [2, 3, 4, 5, 6]
