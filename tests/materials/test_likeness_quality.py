"""What is found of planted copies among 200 papers (bench/papers.py has the full size), and that no text, however
made, keeps the machine busy."""

import random
import time

import pytest

from bench.likeness import ASKED, measure, people_of, store
from bench.papers import make
from materials.actions.likeness import refresh_prints
from materials.likeness.findings import Sort, Source, Thresholds, find
from materials.likeness.prints import Printed, Search, print_of, search, shingles
from materials.likeness.text import Paragraph, read_text

LIMITS = Thresholds(50, 5, 30)


def test_planted_copies_are_found_and_honest_papers_left_alone(cast, now):
    data = make(papers=200, writers=40, each=3, honest_new=15, circulated=False)
    people = people_of(cast.group, 40)
    numbers = store(cast.group, people, data, now)
    assert refresh_prints(cast.group.pk) == len(data.archive) + len(data.texts)
    measured = measure(cast.group, people, data, numbers, now)
    for sort in (*ASKED, "one paragraph"):
        outcome = measured.sorts[sort]
        assert outcome.found == outcome.papers, (sort, outcome)
        assert outcome.true_sources >= outcome.papers, (sort, outcome)
    assert measured.sorts["honest"].hints <= 1


# -- one text beside another -------------------------------------------------


def text_of(*paragraphs):
    return read_text([Paragraph(n, text) for n, text in enumerate(paragraphs, 1)])


def beside(mine, *others, sort=Sort.OTHER, limits=LIMITS):
    """As the product does it, without a database."""
    archive = [Printed(n, n, print_of(other)) for n, other in enumerate(others)]
    found = search(shingles(mine), archive, len(mine))
    return find(mine, [Source(n, sort, other) for n, other in enumerate(others)], found, limits)


def nonsense(length, seed=1):
    chance = random.Random(seed)
    return "".join(chr(0x4E00 + chance.randrange(5000)) for _ in range(length))


def test_white_space_punctuation_and_width_do_not_hide_a_copy():
    plain = nonsense(100)
    disguised = "，".join(f" {letter}\u3000" for letter in plain)
    [finding] = beside(text_of("开头。", disguised), text_of(plain)).found
    assert (finding.mine.paragraph, finding.mine.start, finding.mine.end) == (2, 1, len(disguised) - 1)
    assert beside(text_of("ＡＢＣ１２３" * 1 + plain), text_of("abc123" + plain)).letters[Sort.OTHER] == 106


def test_passage_is_split_where_a_paragraph_ends_in_either_text():
    a, b, c = nonsense(60, 1), nonsense(60, 2), nonsense(60, 3)
    found = beside(text_of(a + b, c), text_of(a, b + c)).found
    assert [(f.mine.paragraph, f.theirs.paragraph) for f in found] == [(1, 1), (1, 2), (2, 2)]
    assert [(f.mine.start, f.mine.end, f.theirs.start, f.theirs.end) for f in found] == [
        (0, 60, 0, 60),
        (60, 120, 0, 60),
        (0, 60, 60, 120),
    ]


def test_short_passages_raise_no_hint_and_thresholds_are_honoured():
    shared = nonsense(60)
    mine, other = text_of(shared + nonsense(600, 2)), text_of(shared + nonsense(600, 3))
    assert beside(mine, other).is_hint
    assert not beside(mine, other, limits=Thresholds(80, 5, 30)).found
    told = beside(mine, other, limits=Thresholds(50, 20, 30))
    assert (told.letters[Sort.OTHER], told.is_hint) == (60, False)


def test_own_earlier_words_and_the_librarys_raise_a_hint_only_in_quantity():
    shared = nonsense(100)
    little, much = text_of(shared + nonsense(600, 2)), text_of(shared + nonsense(100, 3))
    for sort in (Sort.OWN, Sort.LIBRARY):
        assert not beside(little, text_of(shared), sort=sort).is_hint
        assert beside(much, text_of(shared), sort=sort).is_hint


def test_a_phrase_that_many_use_is_no_copy_but_a_page_passed_round_is():
    phrase, page = nonsense(60), nonsense(300)
    others = [text_of(phrase + nonsense(300, n)) for n in range(2, 10)]
    assert not beside(text_of(phrase + nonsense(300, 99)), *others).found
    everybody = [text_of(page) for _ in range(8)]
    told = beside(text_of(page), *everybody)
    assert told.is_hint
    assert len({f.source for f in told.found}) == 3  # enough to see it


def test_quotation_marks_make_a_quotation_of_the_librarys_words_only():
    words, own = nonsense(80), nonsense(400, 2)
    mine = text_of(f"他说：“{words}”{own}")
    assert {f.sort for f in beside(mine, text_of(words), sort=Sort.LIBRARY).found} == {Sort.QUOTED}
    assert not beside(mine, text_of(words), sort=Sort.LIBRARY).is_hint
    assert not beside(mine, text_of(f"原话是“{words}”")).is_hint


def test_the_name_of_a_document_is_no_copy():
    name = f"按计划研读了《{nonsense(60)}》"
    assert not beside(text_of(name + nonsense(300, 2)), text_of(name + nonsense(300, 3))).found
    assert not beside(text_of(name + nonsense(300, 2)), text_of(nonsense(40)), sort=Sort.LIBRARY).found


HOSTILE = {
    "one letter": "学" * 50_000,
    "a short cycle": "甲乙丙丁戊己庚" * 7_000,
    "a long cycle": nonsense(6_000) * 8,
    "all different": nonsense(50_000),
    "only pictures": "😀" * 50_000,
    "only punctuation": "，。！" * 16_000,
    "nothing": "",
    "half a surrogate": "\ud800学习" * 10_000,
    "a line each": "\n".join(nonsense(25_000)),
    "only quotation marks": "“”" * 25_000,
    "open quotation marks": "“" * 50_000,
    "marks in marks": '"学' * 25_000,
    "controls": "\x00\u202e学\ufeff" * 12_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_costs_little(text):
    start = time.process_time()
    mine = text_of(*text.split("\n"))
    told = beside(mine, mine, text_of(text[:25_000]))
    assert time.process_time() - start < 8
    assert len(told.found) <= 2000
    for finding in told.found:
        assert 0 <= finding.mine.start < finding.mine.end


def test_a_longer_text_is_read_up_to_the_limit():
    mine = text_of(nonsense(60_000))
    assert len(mine) == 50_000


def test_texts_shorter_than_a_shingle_have_no_print():
    assert print_of(text_of("短")) == b""
    assert search(shingles(text_of("短")), [Printed(1, 1, b"")], 1) == Search(stock=bytearray(1), compared=1)
