"""What a reviewer reads: a plan or a lecture as a list of plain blocks, frozen at every submission.

Blocks: {"type": "heading" | "paragraph", "text"}, {"type": "facts", "rows": [[label, value], …]},
{"type": "table", "head": […], "rows": [[…], …], "ids": […]}, {"type": "file", "name", "size", "sha256", "href"}.
Of a plan's table `ids` tell which items its rows were and `name` the column they are called by, so that versions can
be laid side by side.
"""

from sessions_app.documents.blocks import Block
from sessions_app.documents.lecture import lecture_blocks, lecture_form_blocks
from sessions_app.documents.plan import (
    annual_plan_blocks,
    classes_of,
    items_of,
    monthly_plan_blocks,
    plan_blocks,
    supplement_blocks,
)

__all__ = [
    "Block",
    "annual_plan_blocks",
    "classes_of",
    "items_of",
    "lecture_blocks",
    "lecture_form_blocks",
    "monthly_plan_blocks",
    "plan_blocks",
    "supplement_blocks",
]
