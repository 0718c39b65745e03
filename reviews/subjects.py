"""What may be reviewed. The higher floors register their kinds; a case knows only its slug and its name.

Kinds a township may add to are rows of a higher floor: a *family*, which shares everything but slug and name.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from accounts.permissions import LEAVE, Permission
from reviews.chain import ALL_STEPS, State


@dataclass(frozen=True)
class SubjectKind:
    """A kind of subject.

    `address` turns a case id into the page of its subject, `steps` is the default route, and holders of `editors`
    may hand it in besides the author (plans belong to the office, papers to their author alone). `stays_in_force`:
    what was approved holds until its revision is approved too. `author_label` is what its author is called.
    `allows_override`: somebody who holds it may 特批 it when the way is barred.
    """

    slug: str
    label: str
    address: Callable[[int], str]
    steps: Sequence[State] = ALL_STEPS
    editors: Permission | None = None
    stays_in_force: bool = True
    author_label: str = "撰稿人"
    allows_override: bool = True


# (slug, name) of the kinds these groups use, or with None all groups; one statement.
Names = Callable[[Collection[int] | None], Sequence[tuple[str, str]]]
_kinds: dict[str, SubjectKind] = {}
_families: list[tuple[SubjectKind, Names]] = []


def register(kind: SubjectKind) -> None:
    _kinds[kind.slug] = kind


def register_family(common: SubjectKind, names: Names) -> None:
    """Kinds that are rows: `common` is what they share, `names` reads which there are."""
    _families.append((common, names))


def kind_of(slug: str) -> SubjectKind:
    """How cases of this kind are handled. Of a row's kind it does not know the name; a case keeps its own."""
    if slug in _kinds:
        return _kinds[slug]
    return replace(_families[0][0], slug=slug)


def labels(group_ids: Collection[int] | None = None) -> list[tuple[str, str]]:
    """(slug, name) of every kind one of these groups may hand in, or any group: what a neighbour calls a kind of its
    own is not everybody's."""
    rows = [(kind.slug, kind.label) for kind in _kinds.values()]
    for _, names in _families:
        rows += names(group_ids)
    return rows


def scopes(group_ids: Collection[int]) -> list[tuple[str, str]]:
    """What a delegation in one of these groups may be limited to: one kind of paper, or 请假."""
    return [*labels(group_ids), (LEAVE, "请假")]
