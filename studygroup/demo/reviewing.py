"""办理期限 of the demo town, and its 特批."""

from datetime import date, timedelta

from reviews.actions.route import change_deadlines, deadlines_of
from reviews.chain import Move, State
from studygroup.demo.themes import THEMES
from studygroup.demo.town import Paper, Town, on_day


def set_deadlines(town: Town, today: date) -> None:
    """Two days for 初审, four for 复审, a week for 把关: what has waited for 复审 since last week is late."""
    begins = on_day(today - timedelta(days=60), 9)
    there = deadlines_of(town.group)
    wanted = dict(zip(there, (2, 4, 7), strict=True))
    change_deadlines(group=town.group, seen=there, wanted=wanted, by=town.on("secretary", begins), at=begins)


def overridden(town: Town, today: date) -> dict[str, int]:
    """特批 while the secretary is away: one that another has ratified since, and one that still waits."""
    rows = (
        ("submission_ratified", "m3", "grassroots", 13, "书记外出招商，次日全县交流会要用，本人已逐段看过，同意使用。"),
        ("submission_unratified", "m2", "works", 7, "书记住院，明日理论宣讲要用，引文和数字已经核对，同意使用。"),
    )
    ids = {}
    for number, (label, author, theme, back, reason) in enumerate(rows):
        topic, day = THEMES[theme].topic, today - timedelta(days=back)
        body = town.compose("speech", THEMES[theme], author, 700 + number)
        paper = Paper("speech", author, f"{topic}交流发言", day, body, topic, State.SECOND_REVIEW)
        case = town.write(paper).review
        at = on_day(today - timedelta(days=back - 4), 16, 20)
        town.decide(case, Move.OVERRIDE, "deputy", at, reason)
        if label == "submission_ratified":
            town.decide(case, Move.RATIFY, "secretary", at + timedelta(days=2), "情况属实，予以追认。")
        ids[label] = case.submission.pk
    return ids
