"""What the library and the papers show on a session's page."""

from datetime import date

import pytest

from materials.actions.library import choose_for_session
from materials.models import Material
from reviews.chain import State
from sessions_app.actions.session_life import archive
from studygroup.lib.errors import NotAllowed, Refused
from tests.factories import make_closed_session, make_session, make_submission, walk_to


def text_of(response):
    return response.content.decode()


def make_text(cast, title="论粮食安全", group=None):
    return Material.objects.create(group=group or cast.group, title=title, source="《求是》", added_on=date(2020, 5, 4))


def test_office_puts_texts_on_a_sessions_page_and_takes_them_off(cast, as_):
    session, text = make_session(cast), make_text(cast)
    office, address = as_(cast.office), f"/sessions/{session.pk}/materials/"
    assert "还没有为这次学习选资料" in text_of(office.get(f"/sessions/{session.pk}/"))
    assert "论粮食安全" in text_of(office.get(address))
    assert "论粮食安全" not in text_of(office.get(address, {"q": "没有这个词"}))
    office.post(address, {"attach": [text.pk]})
    assert list(session.materials.all()) == [text]
    mine = text_of(as_(cast.m1).get(f"/sessions/{session.pk}/"))
    assert f"/materials/{text.pk}/" in mine
    assert "选择资料" not in mine
    office.post(address, {"detach": [text.pk]})
    assert not session.materials.exists()


def test_only_own_texts_by_the_library_keeper_and_not_in_the_archive(cast, as_, now):
    session, foreign = make_session(cast), make_text(cast, "外镇的资料", cast.foreign_group)
    office, address = as_(cast.office), f"/sessions/{session.pk}/materials/"
    assert "外镇的资料" not in text_of(office.get(address))
    office.post(address, {"attach": [foreign.pk]})
    assert not session.materials.exists()
    assert as_(cast.m1).get(address).status_code == 403
    who = {"detach": [], "at": now}
    with pytest.raises(NotAllowed):
        choose_for_session(session=session, attach=[make_text(cast)], by=cast.m1, **who)
    with pytest.raises(Refused, match="本学习组"):
        choose_for_session(session=session, attach=[foreign], by=cast.office, **who)
    closed = make_closed_session(cast)
    archive(session=closed, missing=[], by=cast.office, at=now)
    with pytest.raises(Refused, match="已经归档"):
        choose_for_session(session=closed, attach=[make_text(cast)], by=cast.office, **who)


def test_papers_of_a_session_are_those_one_may_read(cast, as_):
    session = make_session(cast)
    handed_in = make_submission(cast, author=cast.m1, title="交上来的发言", kind="speech", session=session)
    walk_to(handed_in.review, State.FIRST_REVIEW, cast)
    make_submission(cast, author=cast.m2, title="还没写完的发言", kind="speech", session=session)
    page = text_of(as_(cast.office).get(f"/sessions/{session.pk}/"))
    assert "交上来的发言" in page
    assert "还没写完的发言" not in page
    assert "还没写完的发言" in text_of(as_(cast.m2).get(f"/sessions/{session.pk}/"))
    assert f"/submissions/new/?session={session.pk}" in text_of(as_(cast.m3).get(f"/sessions/{session.pk}/"))
