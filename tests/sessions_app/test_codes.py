"""签到码: good for one session and a few seconds, and for nothing else."""

from datetime import timedelta

from sessions_app import codes
from sessions_app.models import StudySession
from tests.factories import make_session


def _at_start_of_step(moment):
    return moment - timedelta(seconds=int(moment.timestamp()) % codes.STEP_SECONDS)


def test_code_lives_through_its_own_step_and_the_next(cast, now):
    session, start = make_session(cast), _at_start_of_step(now)
    token, digits = codes.token_at(session, start), codes.digits_at(session, start)
    for seconds, good in ((0, True), (14, True), (15, True), (29, True), (30, False), (3600, False), (-1, False)):
        moment = start + timedelta(seconds=seconds)
        assert codes.is_current_token(session, token, moment) is good, seconds
        assert codes.is_current_digits(session, digits, moment) is good, seconds


def test_code_belongs_to_one_session(cast, now):
    one, other = make_session(cast), make_session(cast, title="另一次")
    assert not codes.is_current_token(other, codes.token_at(one, now), now)
    assert codes.token_at(one, now) != codes.token_at(other, now)


def test_code_dies_with_the_sessions_key(cast, now):
    session = make_session(cast)
    token = codes.token_at(session, now)
    StudySession.objects.filter(pk=session.pk).update(sign_in_key="another")
    session.refresh_from_db()
    assert not codes.is_current_token(session, token, now)


def test_digits_are_six_and_changed_or_foreign_text_is_refused(cast, now):
    session = make_session(cast)
    token, digits = codes.token_at(session, now), codes.digits_at(session, now)
    assert len(digits) == 6
    assert digits.isdecimal()
    for wrong in (
        "",
        token[:-1],
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token.upper() + "x",
        "签到",
        "０" * 32,
    ):
        assert not codes.is_current_token(session, wrong, now)
    assert not codes.is_current_digits(session, token[:6] + "x", now)
