import pytest
from django.core.management import CommandError, call_command

from reviews.chain import CHAIN
from reviews.management.commands import review_chain


def test_diagram_in_docs_is_the_table():
    call_command("review_chain", "--check")


def test_check_tells_a_diagram_that_is_not(tmp_path, monkeypatch):
    copy = tmp_path / "review-chain.md"
    copy.write_text(review_chain.page().replace("复审", "二审"), encoding="utf-8")
    monkeypatch.setattr(review_chain, "TARGET", copy)
    with pytest.raises(CommandError, match="不一致"):
        call_command("review_chain", "--check")


def test_every_arrow_is_drawn():
    drawn = [line for line in review_chain.diagram() if "-->" in line]
    assert len(drawn) == 2 + sum(len(review_chain.targets_of(state, arrow)) for (state, _), arrow in CHAIN.items())
    assert "    approved --> first_review: 撤销（刚才办理的本人）" in drawn  # of a 特批
    assert "    second_review --> final_gate: 撤销（刚才办理的本人）" not in drawn
