from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.chain import (
    ALL_STEPS,
    BACK,
    CHAIN,
    NEXT,
    REASON_LENGTH,
    STEP_HOLDER,
    UNDOABLE,
    VERDICTS,
    Actor,
    Move,
    State,
    Transition,
    next_state,
)

TARGET = Path(settings.BASE_DIR) / "docs" / "review-chain.md"

HEAD = """\
# 两审一把关

由 `manage.py review_chain` 根据 `reviews/chain.py` 生成，请不要手工修改；`--check` 检查是否一致。

图中画的是三步俱全的流程。某类材料只走其中几步时（如计划由办公室编制，只经复审和把关），“通过”送到它自己的下一步，
最后一步通过即定稿。任何人不能审核自己撰写或提交的材料，也不能审核没有打开看过的一稿；同一轮里一个人只能通过一个
环节。有权的人不在时，以委托书名义由受托人办理，两个名字都记入审核记录；只在逾期后接办的委托，过了办理期限才生效。
审核过的，在别人打开看以前可以由本人撤销，回到原来的环节。谁也不能按环节办理的，可以特批：写明理由，立即有效，
在另一位同志追认以前一直标明“待追认”；不予追认的退回修改，不再有效。
"""


def targets_of(state: State, arrow: Transition) -> list[State]:
    """Where an arrow leads; 撤销 leads back to every step whose verdict may have led here."""
    if arrow.to == BACK:
        led = [s for (s, move), other in CHAIN.items() if move in UNDOABLE and state in targets_of(s, other)]
        return list(dict.fromkeys(led))
    return [next_state(state, ALL_STEPS) if arrow.to == NEXT else State(arrow.to)]


def who(state: State, arrow: Transition) -> str:
    return STEP_HOLDER[state] if arrow.by is Actor.REVIEWER else arrow.by.value


def condition(move: Move, arrow: Transition) -> str:
    told = {
        "打开看过这一稿": move in VERDICTS,
        "至少写一条具体意见": arrow.needs_points,
        f"写明理由，至少 {REASON_LENGTH} 个字": arrow.needs_reason,
        "通过以后没有再提交过，内容与通过的一致": arrow.since_approval,
        "这一轮还没有人审核过": arrow.before_any_verdict,
        "有特批的，已经追认": arrow.needs_ratified,
        "有待追认的特批": arrow.by is Actor.RATIFIER,
        "此后还没有别人打开看过": arrow.by is Actor.JUDGE,
        "在通过的当天": arrow.same_day,
    }
    return "；".join(words for words, holds in told.items() if holds)


def diagram() -> Iterator[str]:
    yield "stateDiagram-v2"
    for state in State:
        yield f"    {state.value}: {state.label}"
    yield f"    [*] --> {State.DRAFT.value}"
    for (state, move), arrow in CHAIN.items():
        for target in targets_of(state, arrow):
            yield f"    {state.value} --> {target.value}: {move.label}（{who(state, arrow)}）"
    yield f"    {State.APPROVED.value} --> [*]"


def table() -> Iterator[str]:
    yield "| 现在 | 动作 | 由谁 | 到 | 条件 |"
    yield "|---|---|---|---|---|"
    for (state, move), arrow in CHAIN.items():
        to = "、".join(str(target.label) for target in targets_of(state, arrow))
        cells = [state.label, Move(move).label, who(state, arrow), to, condition(move, arrow)]
        yield f"| {' | '.join(str(cell) for cell in cells)} |"


def page() -> str:
    picture = "\n".join(diagram())
    rows = "\n".join(table())
    return f"{HEAD}\n```mermaid\n{picture}\n```\n\n{rows}\n"


class Command(BaseCommand):
    help = "Draws docs/review-chain.md from the table in reviews/chain.py."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only compare; fail when the file differs")
        parser.add_argument("--print", action="store_true", help="write to standard output instead of the file")

    def handle(self, *args: Any, **options: Any) -> None:
        text = page()
        if options["print"]:
            self.stdout.write(text, ending="")
        elif not options["check"]:
            TARGET.write_text(text, encoding="utf-8")
        elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            raise CommandError("docs/review-chain.md 与 reviews/chain.py 不一致，请运行 manage.py review_chain。")
