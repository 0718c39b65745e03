"""文书: every paper of a session from the same rows. Session → blocks; the page and the .docx show the same blocks.

A paper invents nothing: what the rows do not say is marked “〔待补：…〕” in its place and listed as a `Gap` with the
page that has the field.
"""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.permissions import Permission
from sessions_app.paperwork import after, before
from sessions_app.paperwork.before import changes_since, notice_of_now
from sessions_app.paperwork.pen import Block, Gap, Written
from sessions_app.paperwork.rows import NOTICE, SessionRows, read, with_facts

__all__ = [
    "NOTICE",
    "PAPERS",
    "Block",
    "Gap",
    "Paper",
    "SessionRows",
    "Written",
    "changes_since",
    "notice_of_now",
    "papers_for",
    "read",
    "with_facts",
]


@dataclass(frozen=True)
class Paper:
    """A kind of paper. Without `needs` everybody who sees the session may read it."""

    slug: str
    label: str
    write: Callable[[SessionRows], Written]
    needs: Permission | None = Permission.READ_RECORDS


PAPERS = {
    paper.slug: paper
    for paper in (
        Paper("scheme", "学习方案", before.scheme),
        Paper("notice", "通知", before.notice, needs=None),
        Paper("agenda", "议程", before.agenda, needs=None),
        Paper("host_script", "主持词", before.host_script),
        Paper("sign_in_sheet", "签到表", after.sign_in_sheet),
        Paper("record", "学习记录", after.record),
        Paper("leave_summary", "请假补学汇总", after.leave_summary),
        Paper("bulletin", "学习简报", after.bulletin),
    )
}


def papers_for(user, group_id: int) -> list[Paper]:
    """What this person may read of a session of the group that he sees at all."""
    return [p for p in PAPERS.values() if p.needs is None or user.authority.allows(p.needs, group_id)]
