"""现场教学点: visits are counted from held sessions; a retired one is offered to nobody new."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions_app.models import Site
from tests.factories import make_closed_session, make_session


def make_site(cast, name="高效农业示范基地", **facts) -> Site:
    return Site.objects.create(group=cast.group, name=name, village="滩汪湖村", **facts)


def test_only_held_sessions_are_visits(cast, as_, now):
    site = make_site(cast, theme="设施农业", contact="王站长 13800000000")
    make_closed_session(cast, title="去过的", site=site, kinds=("onsite_teaching",))
    make_session(cast, title="要去的", site=site, starts_at=now + timedelta(days=3))
    text = as_(cast.office).get(reverse("site_list")).content.decode()
    assert "1 次" in text
    assert "设施农业" in text
    assert "13800000000" in text
    page = as_(cast.m1).get(reverse("site_detail", args=[site.pk])).content.decode()
    assert "去过的" in page
    assert "要去的" in page
    assert "13800000000" not in page


def test_the_office_adds_changes_and_retires_a_site(cast, as_):
    client = as_(cast.office)
    client.post(reverse("site_new"), {"name": "皂角广场", "village": "蒋家庄", "theme": "乡风文明"})
    site = Site.objects.get()
    assert site.is_active
    edit = reverse("site_edit", args=[site.pk])
    assert client.post(edit, {"name": "皂角广场", "contact": "李某", "version": "0"}).status_code == 302
    site.refresh_from_db()
    assert (site.contact, site.is_active, site.version) == ("李某", False, 1)
    stale = client.post(edit, {"name": "改名", "is_active": "on", "version": "0"})
    assert "现在的内容" in stale.content.decode()
    assert stale.status_code == 409
    again = client.post(reverse("site_new"), {"name": "皂角广场"}).content.decode()
    assert "没有重复登记" in again


def test_a_site_that_was_visited_cannot_be_removed(cast, as_):
    site, unused = make_site(cast), make_site(cast, "没去过的")
    make_closed_session(cast, site=site)
    client = as_(cast.office)
    refused = client.post(reverse("site_remove", args=[site.pk]), {"version": "0"})
    assert "不能删除" in refused.content.decode()
    assert client.post(reverse("site_remove", args=[unused.pk]), {"version": "0"}).status_code == 302
    assert list(Site.objects.all()) == [site]


def test_a_session_offers_sites_in_use_and_the_one_it_has(cast, as_):
    kept, retired = make_site(cast), make_site(cast, "停用的基地", is_active=False)
    make_site(cast, "也停用了", is_active=False)
    Site.objects.create(group=cast.foreign_group, name="外镇的基地")
    session = make_session(cast, site=retired, called=False)
    text = as_(cast.office).get(reverse("session_edit", args=[session.pk])).content.decode()
    assert kept.name in text
    assert "停用的基地" in text
    assert "也停用了" not in text
    assert "外镇的基地" not in text
    fresh = as_(cast.office).get(reverse("session_create")).content.decode()
    assert "停用的基地" not in fresh


def test_sites_ask_the_same_number_of_queries_for_1_and_30_rows(cast, as_):
    client = as_(cast.office)

    def queries(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    site = make_site(cast)
    pages = [reverse("site_list"), reverse("site_detail", args=[site.pk])]
    make_closed_session(cast, site=site)
    few = [queries(address) for address in pages]
    for number in range(29):
        make_site(cast, f"基地{number}")
        make_closed_session(cast, title=f"第{number}次", site=site)
    assert [queries(address) for address in pages] == few
    assert max(few) <= 12
