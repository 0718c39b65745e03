"""The same press arriving twice is stored once; a mistake gives the receipt back; later the same is new."""

from datetime import timedelta

from django.utils import timezone

from materials.models import Material
from studygroup.lib.models import FormReceipt

NEW = "/materials/new/"


def typed(**changes) -> dict:
    return {"title": "求是文章", "source": "《求是》", "published_on": "2026-01-05", **changes}


def test_a_second_press_finds_the_first(cast, as_):
    client = as_(cast.office)
    first, second = client.post(NEW, typed()), client.post(NEW, typed())
    assert Material.objects.count() == 1
    assert first.headers["Location"] == second.headers["Location"]
    assert "没有再存一份" in client.get(second.headers["Location"]).content.decode()


def test_other_content_and_other_people_are_not_held_back(cast, as_):
    as_(cast.office).post(NEW, typed())
    as_(cast.office).post(NEW, typed(title="另一篇"))
    as_(cast.propaganda).post(NEW, typed())
    assert Material.objects.count() == 3


def test_a_form_with_a_mistake_can_be_sent_again(cast, as_):
    client = as_(cast.office)
    client.post(NEW, typed(title=""))
    assert not FormReceipt.objects.exists()


def test_after_a_while_the_same_content_is_something_new(cast, as_):
    client = as_(cast.office)
    client.post(NEW, typed())
    FormReceipt.objects.update(at=timezone.now() - timedelta(minutes=1))
    client.post(NEW, typed())
    assert Material.objects.count() == 2
