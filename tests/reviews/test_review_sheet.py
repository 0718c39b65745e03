"""审核表: one page to print and sign, and the same in Word."""

import io

from django.urls import reverse
from django.utils import timezone
from docx import Document

from accounts.actions.people import delegate
from accounts.permissions import Role
from reviews.chain import State
from reviews.models import ReturnPoint
from tests import factories


def page(response):
    return response.content.decode()


def test_sheet_is_a_word_document_with_the_same_rows(cast, as_):
    today = timezone.localdate()
    delegate(
        group=cast.group,
        principal=cast.secretary,
        delegate=cast.deputy,
        role=Role.LEADER,
        kind="",
        starts_on=today,
        ends_on=today,
        reason="外出学习",
        at=timezone.now(),
    )
    facts = {"topic": "乡村振兴", "purpose": "县委宣传部征文"}
    case = factories.walk_to(factories.make_submission(cast, **facts).review, State.RETURNED, cast)
    factories.hand_in(case, by=cast.m1)
    factories.walk_to(case, State.FINAL_GATE, cast)
    factories.open_as(case, cast.deputy)
    as_(cast.deputy).post(reverse("review_pass", args=[case.pk]), {"seen_version": case.version, "comment": "同意。"})
    answer = as_(cast.office).get(reverse("review_sheet_word", args=[case.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    table = Document(io.BytesIO(b"".join(answer.streaming_content))).tables[0]
    rows = [list(dict.fromkeys(c.text for c in row.cells)) for row in table.rows]
    labels = [label for row in rows for label in row[::2]]
    assert labels == [
        *("标题", "撰稿人", "职务", "类别", "用途", "主题", "提交时间", "字数", "成文日期"),
        "收件号",
        *("初审\n办公室", "复审\n宣传委员", "把关\n党委书记", "退回次数", "委托", "修改说明", "定稿版本"),
    ]
    text = "\n".join("\t".join(row) for row in rows)
    for told in (
        "组织委员",
        "县委宣传部征文",
        "乡村振兴",
        "副书记乙（受书记甲委托）",
        "由办公室己退回",
        "第2稿",
        "副书记乙受书记甲委托办理把关（外出学习，",
    ):
        assert told in text
        assert told in page(as_(cast.office).get(reverse("review_sheet", args=[case.pk])))
    assert "请补充本镇的实例。——已按意见修改。" in text


def test_answer_not_handed_in_is_on_no_sheet(cast, as_):
    case = factories.walk_to(factories.make_submission(cast).review, State.RETURNED, cast)
    ReturnPoint.objects.filter(entry__case=case).update(answer="还没有交的答复")
    for name in ("review_sheet", "review_sheet_word"):
        answer = as_(cast.office).get(reverse(name, args=[case.pk]))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = content.decode() if name == "review_sheet" else str(_texts(content))
        assert "请补充本镇的实例。" in text
        assert "还没有交的答复" not in text


def _texts(content):
    return [c.text for table in Document(io.BytesIO(content)).tables for c in table._cells]
