"""What a reviewer reads: a plan or a lecture as a list of plain blocks, frozen at every submission.

Blocks: {"type": "heading" | "paragraph", "text"}, {"type": "facts", "rows": [[label, value], …]},
{"type": "table", "head": […], "rows": [[…], …]}, {"type": "file", "name", "size", "sha256", "href"}.
"""

from sessions_app.documents.blocks import Block
from sessions_app.documents.lecture import lecture_blocks, lecture_form_blocks
from sessions_app.documents.plan import annual_plan_blocks, items_of, monthly_plan_blocks

__all__ = ["Block", "annual_plan_blocks", "items_of", "lecture_blocks", "lecture_form_blocks", "monthly_plan_blocks"]
