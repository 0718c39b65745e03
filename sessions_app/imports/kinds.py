"""学习形式 as sheets write them: several in a cell, near the names the group uses."""

import re
from dataclasses import dataclass, field
from typing import Any

from accounts.sheets.description import Doubtful
from accounts.sheets.parsers import Names
from sessions_app.models import SessionKind

BETWEEN = re.compile(r"[、，,；;/／|+＋&\s]+|(?<=[\u4e00-\u9fff])[和与](?=[\u4e00-\u9fff])")


@dataclass
class KindsFound:
    """The kinds of a cell, and the words that name none."""

    kinds: list[SessionKind] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "、".join([kind.label for kind in self.kinds])


def kinds_of(text: str, known: Names[SessionKind]) -> Any:
    """Near matches and unknown words are doubtful: the first are taken, the second kept as words."""
    found, doubts = KindsFound(), []
    for word in dict.fromkeys(filter(None, BETWEEN.split(text))):
        exact = known.find(word)
        near = {kind.pk: kind for kind in known.like(word)}
        if exact:
            found.kinds.append(exact[0])
        elif len(near) == 1:
            kind = next(iter(near.values()))
            found.kinds.append(kind)
            doubts.append(f"“{word}”按“{kind.label}”导入。")
        elif near:
            found.unknown.append(word)
            doubts.append(f"“{word}”可能是{'、'.join(f'“{kind.label}”' for kind in near.values())}，请选定。")
        else:
            found.unknown.append(word)
            doubts.append(f"没有“{word}”这种学习形式，只作为备注保留。")
    found.kinds = list({kind.pk: kind for kind in found.kinds}.values())
    return Doubtful(found, "".join(doubts)) if doubts else found
