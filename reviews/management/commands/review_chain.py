from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.chain import ALL_STEPS, CHAIN, NEXT, STEP_HOLDER, Actor, Move, State, Transition, next_state

TARGET = Path(settings.BASE_DIR) / "docs" / "review-chain.md"

HEAD = """\
# 两审一把关

由 `manage.py review_chain` 根据 `reviews/chain.py` 生成，请不要手工修改；`--check` 检查是否一致。

图中画的是三步俱全的流程。某类材料只走其中几步时（如计划由办公室编制，只经复审和把关），“通过”送到它自己的下一步，
最后一步通过即定稿。任何人不能审核自己撰写或提交的材料，同一轮里一个人只能通过一个环节；有权的人不在时，
以委托书名义由受托人办理，两个名字都记入审核记录。
"""


def target_of(state: State, arrow: Transition) -> State:
    return next_state(state, ALL_STEPS) if arrow.to == NEXT else State(arrow.to)


def who(state: State, arrow: Transition) -> str:
    return arrow.by.value if arrow.by is Actor.AUTHOR else STEP_HOLDER[state]


def condition(arrow: Transition) -> str:
    if arrow.needs_points:
        return "至少写一条具体意见"
    if arrow.since_approval:
        return "通过以后没有再提交过，内容与通过的一致"
    return "这一轮还没有人审核过" if arrow.before_any_verdict else ""


def diagram() -> Iterator[str]:
    yield "stateDiagram-v2"
    for state in State:
        yield f"    {state.value}: {state.label}"
    yield f"    [*] --> {State.DRAFT.value}"
    for (state, move), arrow in CHAIN.items():
        label = f"{move.label}（{who(state, arrow)}）"
        yield f"    {state.value} --> {target_of(state, arrow).value}: {label}"
    yield f"    {State.APPROVED.value} --> [*]"


def table() -> Iterator[str]:
    yield "| 现在 | 动作 | 由谁 | 到 | 条件 |"
    yield "|---|---|---|---|---|"
    for (state, move), arrow in CHAIN.items():
        cells = [state.label, Move(move).label, who(state, arrow), target_of(state, arrow).label, condition(arrow)]
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
