"""What may be reviewed. The higher floors register their kinds; a case knows only its slug."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts.permissions import LEAVE, Permission
from reviews.chain import ALL_STEPS, State


@dataclass(frozen=True)
class SubjectKind:
    """A kind of subject.

    `address` turns a case id into the page of its subject, `steps` is the default route, and holders of `editors`
    may hand it in besides the author (plans belong to the office, papers to their author alone). `stays_in_force`:
    what was approved holds until its revision is approved too. `author_label` is what its author is called.
    """

    slug: str
    label: str
    address: Callable[[int], str]
    steps: Sequence[State] = ALL_STEPS
    editors: Permission | None = None
    stays_in_force: bool = True
    author_label: str = "撰稿人"


_kinds: dict[str, SubjectKind] = {}


def register(kind: SubjectKind) -> None:
    _kinds[kind.slug] = kind


def kind_of(slug: str) -> SubjectKind:
    return _kinds[slug]


def scopes() -> list[tuple[str, str]]:
    """What a delegation may be limited to: one kind of paper, or 请假."""
    return [*labels(), (LEAVE, "请假")]


def labels() -> list[tuple[str, str]]:
    return [(kind.slug, kind.label) for kind in _kinds.values()]
