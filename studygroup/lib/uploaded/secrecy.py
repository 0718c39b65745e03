"""密级标志: this is a system for unclassified material."""

import re

from studygroup.lib.errors import Refused

FIRST_PAGE = 2000  # characters
_MARK = re.compile(r"绝密|机密[★☆]|秘密[★☆]|机密级|秘密级")


def is_marked(text: str) -> bool:
    return _MARK.search(re.sub(r"\s", "", text)) is not None


def refuse_marked(first_page: str) -> None:
    if is_marked(first_page[:FIRST_PAGE]):
        raise Refused("文件首页带有密级标志。本系统只处理非涉密材料，文件没有保存。")
