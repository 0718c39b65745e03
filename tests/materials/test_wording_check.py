"""The check itself: entries, paragraphs and library texts in, advice out. No database."""

from datetime import date

import pytest

from materials.wording import Entry, WordingSort, check, why_not
from materials.wording.entries import spared_words, usual_advice
from materials.wording.quotations import MOST_QUOTATIONS, Source, quotations_of
from materials.wording.shipped import SHIPPED
from materials.wording.words import trie_of

DAY = date(2020, 7, 1)
SHIPPED_ENTRIES = [
    Entry(n, str(s.sort), s.found, usual_advice(s.sort, s.found, s.advised), spared_words(s.spared), "", s.valid_from)
    for n, s in enumerate(SHIPPED)
]


def entry(sort, found, advised="", spared=(), number=1, **days):
    return Entry(number, sort, found, usual_advice(sort, found, advised), tuple(spared), **days)


def told(text, *entries, day=DAY, library=(), numbered=None):
    paragraphs = numbered or list(enumerate(text.split("\n"), start=1))
    return check(paragraphs, entries, day, lambda: library)


def pairs(text, *entries, **more):
    return [(one.found, one.advised) for one in told(text, *entries, **more).advices]


# -- words -------------------------------------------------------------------


def test_a_typo_is_told_once_a_paragraph_with_its_place_and_count():
    found = told("先按装灯，再按装线。\n按装好了。", entry("typo", "按装", "安装")).advices
    assert [(one.paragraph, one.start, one.end, one.count) for one in found] == [(1, 1, 3, 2), (2, 0, 2, 1)]
    assert found[0].place == "第1段"
    assert found[0].label == "易错字词"


def test_a_word_inside_a_longer_right_one_does_not_alarm():
    typo = entry("typo", "习总书记", "习近平总书记", ["学习总书记"])
    assert pairs("学习总书记讲话，习近平总书记指出", typo) == []
    assert pairs("习总书记指出", typo) == [("习总书记", "习近平总书记")]
    assert pairs("党的二十大报告", entry("typo", "二十大", "党的二十大")) == []


def test_of_two_entries_the_longer_one_speaks():
    short, long = entry("typo", "按装", "安装"), entry("typo", "按装工程", "安装工程", number=2)
    assert pairs("按装工程", short, long) == [("按装工程", "安装工程")]
    assert pairs("工程按装", short, long) == [("按装", "安装")]


def test_letters_with_a_meaning_in_patterns_are_plain_letters():
    for found in (".*", "a.c", "[甲]", "(乙", "a|b", "\\d", "$1", "^x"):
        assert pairs(f"前{found}后", entry("typo", found, "对的")) == [(found, "对的")]
        assert pairs("abc 甲乙 123", entry("typo", found, "对的")) == []


def test_a_full_title_is_wanted_only_where_the_short_one_comes_first():
    title = entry("title", "党委中心组", "党委理论学习中心组")
    assert pairs("党委中心组学习。\n党委中心组研讨。", title) == [("党委中心组", "党委理论学习中心组")]
    assert told("党委中心组学习。\n党委中心组研讨。", title).advices[0].count == 2
    assert pairs("党委理论学习中心组（以下简称党委中心组）学习。\n党委中心组研讨。", title) == []


def test_outdated_words_depend_on_the_day_of_the_paper():
    old = entry("outdated", "精准扶贫", "乡村振兴", valid_from=date(2021, 2, 26))
    assert pairs("开展精准扶贫工作", old, day=date(2020, 5, 1)) == []
    assert pairs("开展精准扶贫工作", old, day=date(2021, 2, 26)) == [("精准扶贫", "乡村振兴")]
    ended = entry("outdated", "扶贫办", "乡村振兴局", valid_until=date(2022, 1, 1))
    assert pairs("县扶贫办", ended, day=date(2022, 1, 2)) == []


def test_what_is_a_title_or_somebody_elses_words_is_left_alone():
    old = entry("outdated", "建国以来", "新中国成立以来")
    assert pairs("《关于建国以来党的若干历史问题的决议》", old) == []
    assert pairs("他写道：“建国以来的经验”。", old) == []
    assert pairs("建国以来的经验", old) == [("建国以来", "新中国成立以来")]


def test_titles_want_their_marks_once_in_a_text():
    book = entry("marks", "中国共产党章程")
    assert book.advised == "《中国共产党章程》"
    assert pairs("学习《中国共产党章程》和《〈中国共产党章程〉解读》", book) == []
    found = told("学习中国共产党章程，\n对照中国共产党章程", book).advices
    assert [(one.paragraph, one.count) for one in found] == [(1, 2)]
    assert [one.sort for one in told("学习《中国共产党章程找差距。", book).advices] == ["pairs"]
    quoted = entry("marks", "两个维护", "“两个维护”")
    assert pairs("做到“两个维护”，“坚决做到‘两个维护’，不动摇”", quoted) == []
    assert pairs("坚决做到两个维护。", quoted) == [("两个维护", "“两个维护”")]


# -- phrases -----------------------------------------------------------------

GREEN = entry("phrase", "绿水青山就是金山银山")
FIVE = entry("phrase", "创新、协调、绿色、开放、共享", number=2)


@pytest.mark.parametrize(
    "said", ["绿水青山就是银山金山", "绿水青山就是金山", "绿水青山是金山银山", "绿水清山就是金山银山"]
)
def test_a_phrase_with_a_word_missing_or_exchanged_is_shown_beside_the_right_one(said):
    found = told(f"我们牢记{said}的理念。", GREEN).advices
    if said.endswith("金山银山"):
        assert [(one.found, one.advised) for one in found] == [(said, "绿水青山就是金山银山")]
        assert "".join(text for text, _ in found[0].ours) == said
        assert any(differs for _, differs in found[0].theirs)
    else:  # without its own end it may be another sentence
        assert found == []


def test_an_enumeration_in_another_order_is_found():
    assert pairs("创新、绿色、协调、开放、共享的新发展理念", FIVE) == [
        ("创新、绿色、协调、开放、共享", "创新、协调、绿色、开放、共享")
    ]
    assert pairs("绿色、创新、协调、开放、共享", FIVE) == [("绿色、创新、协调、开放、共享", FIVE.found)]
    assert pairs("创新协调绿色开放共享", FIVE) == []  # marks are no difference
    assert pairs("绿色发展、创新驱动、开放合作", FIVE) == []


@pytest.mark.parametrize(
    "said",
    [
        "绿水青山就是金山银山",
        "绿水青山，就是金山银山",
        "绿水青山真的就是金山银山",  # words put in are the author's own
        "既要绿水青山，也要金山银山",
        "宁要绿水青山，不要金山银山",
        "绿水青山",
        "青山绿水、金山银山",
    ],
)
def test_a_phrase_said_rightly_or_quite_differently_does_not_alarm(said):
    assert pairs(f"我们认为{said}。", GREEN, FIVE) == []


def test_a_spared_variant_of_a_phrase_does_not_alarm():
    phrase = entry("phrase", "牢固树立和践行绿水青山就是金山银山的理念", spared=["牢固树立绿水青山就是金山银山的理念"])
    assert pairs("牢固树立绿水青山就是金山银山的理念", phrase) == []
    assert len(pairs("牢固树立和践行绿水青山就是金山的理念", phrase)) == 1


# -- dates -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2020年2月30日", "2月最多29天"),
        ("2019年2月29日", "2019年2月最多28天"),
        ("二〇二〇年四月三十一日", "4月最多30天"),
        ("2020年13月5日", "没有13月"),
        ("2020-06-31", "6月最多30天"),
        ("2020.9.31", "9月最多30天"),
        ("9月31日前", "9月最多30天"),
        ("2020年7月1日（星期四）", "是星期三"),
        ("2020年7月1日星期天", "是星期三"),
        ("2020年7月1日（周五）", "是星期三"),
        ("2020年7月0日", "没有0日"),
    ],
)
def test_impossible_dates_and_wrong_weekdays_are_told(text, why):
    found = told(f"会议于{text}召开。").advices
    assert len(found) == 1
    assert why in found[0].why
    assert found[0].sort == "date"


@pytest.mark.parametrize(
    "text",
    [
        "2020年2月29日",
        "2月29日",
        "2020年7月1日（星期三）",
        "2020年7月1日，周五鸣同志到会",
        "农历二月三十日",
        "2020年12月31日至1月3日",
        "每年7月31日",
        "版本2020.1",
        "电话2020-88-99",
        "二〇二〇年十二月三十一日",
        "2020年7月1日（星期一至星期五办公）",
        "12345年13月",
        "廿八日",
    ],
)
def test_dates_that_may_be_right_are_left_alone(text):
    assert [one for one in told(text).advices if one.sort == "date"] == []


# -- marks -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("学习《党章，提高认识。", "书名号没有配对，缺少后一半 》"),
        ("学习党章》，提高认识。", "书名号没有配对，缺少前一半 《"),
        ("他说：“要实干。", "引号没有配对"),
        ("（一是实干。", "括号没有配对"),
        ("《关于学习《党章》的通知》", "单书名号"),
        ("工作扎实，。", "连在一起"),
    ],
)
def test_marks_without_their_other_half_are_told(text, why):
    found = told(text).advices
    assert [why in one.why for one in found] == [True]
    assert found[0].sort == "pairs"


@pytest.mark.parametrize(
    "text",
    [
        "《关于学习〈党章〉的通知》（“原文”‘略’）【注】",
        "1）甲；2）乙；a）丙",
        "“第一段的引文。\n“第二段的引文。”",
        "It’s fine……真的——好！！",
        "",
    ],
)
def test_marks_that_are_right_are_left_alone(text):
    assert told(text).advices == []


# -- quotations --------------------------------------------------------------

TALK = Source(7, "《在县里的讲话》", "同志们：基层是一切工作的落脚点，必须把党的建设抓紧抓好。要多到群众中去。")


def test_a_quotation_as_it_stands_in_the_library_is_fine_and_its_source_named():
    checked = told("他说“基层是一切工作的落脚点，必须把党的建设抓紧抓好”。", library=[TALK])
    assert checked.advices == []
    assert [(one.source, one.paragraph) for one in checked.agreed] == [(7, 1)]


def test_a_quotation_nearly_so_is_shown_beside_the_original():
    found = told("他说“基层是一切工作的落脚点，要把党的建设抓紧抓实”。", library=[TALK]).advices
    assert [one.advised for one in found] == ["基层是一切工作的落脚点，必须把党的建设抓紧抓好"]
    assert found[0].why == "与资料《在县里的讲话》原文不一致，请核对。"
    assert found[0].source == 7
    assert "要" in [text for text, differs in found[0].ours if differs]
    assert "必须" in [text for text, differs in found[0].theirs if differs]


def test_a_saying_is_not_held_against_part_of_a_longer_clause():
    essay = Source(8, "文章", "统筹推进疫情防控和经济社会发展的辩证法")
    assert told("做到“统筹推进新冠肺炎疫情防控和经济社会发展”。", library=[essay]).advices == []
    assert len(told("做到“统筹推进新冠肺炎疫情防控和经济社会发展的辩证法”。", library=[essay]).advices) == 1


def test_words_after_a_colon_count_only_when_very_near():
    near = "会议指出：基层是一切工作的落脚点，必须把党的建设抓紧抓牢。"
    assert [one.source for one in told(near, library=[TALK]).advices] == [7]
    free = "会议指出：基层工作很重要，党的建设一定要抓紧抓好抓出实效。"
    assert told(free, library=[TALK]).advices == []


@pytest.mark.parametrize("text", ["他说“今年的苹果又大又甜”。", "他说“抓紧抓好”。", "“基层是一切工作的源头活水”"])
def test_what_is_not_in_the_library_makes_no_noise(text):
    checked = told(text, library=[TALK])
    assert (checked.advices, checked.agreed) == ([], [])


def test_a_quotation_with_dots_is_two():
    text = "他说“基层是一切工作的落脚点……要多到群众中间去”。"
    checked = told(text, library=[TALK])
    assert [one.text for one in checked.agreed] == ["基层是一切工作的落脚点"]


def test_the_library_is_not_asked_for_a_text_without_quotations():
    def library():
        raise AssertionError("asked")

    assert check([(1, "没有引文。")], [], DAY, library).advices == []


# -- entries -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("sort", "found", "advised", "spared", "why"),
    [
        ("typo", "", "安装", "", "至少写两个字"),
        ("typo", "按", "安", "", "至少写两个字"),
        ("typo", "。，", "。", "", "不能只有标点"),
        ("typo", "按 装", "安装", "", "空格"),
        ("typo", "按装", "", "", "建议写法"),
        ("typo", "按装", "按装", "", "相同"),
        ("typo", "字" * 61, "安装", "", "最多"),
        ("typo", "按装", "安装", "配装", "不提示的写法"),
        ("typo", "按装", "安装", "按装", "不提示的写法"),
        ("phrase", "绿水青山", "", "", "至少 6 个字"),
        ("marks", "《党章》", "", "", "没有加书名号"),
        ("marks", "中国共产党章程", "中国共产党章程》", "", "同一个词"),
        ("phrase", "绿水青山就是金山银山", "", "", ""),
        ("marks", "中国共产党章程", "", "", ""),
    ],
)
def test_entries_that_would_alarm_everywhere_are_refused(sort, found, advised, spared, why):
    said = why_not(sort, found, advised, spared)
    assert why in said if why else said == ""


def test_what_is_shipped_is_usable_and_said_once():
    for one in SHIPPED:
        assert why_not(one.sort, one.found, usual_advice(one.sort, one.found, one.advised), one.spared) == "", one
    assert len({one.found for one in SHIPPED}) == len(SHIPPED)
    assert 50 <= len(SHIPPED) <= 90
    assert {str(one.sort) for one in SHIPPED} == set(WordingSort.values)


def test_what_is_shipped_does_not_alarm_at_itself():
    right = "\n".join(dict.fromkeys(one.advised for one in SHIPPED_ENTRIES))
    assert pairs(right, *SHIPPED_ENTRIES, day=date(2022, 1, 1)) == []


def test_an_honest_paper_has_no_advice():
    text = """增强“四个意识”、坚定“四个自信”、做到“两个维护”，学习贯彻习近平新时代中国特色社会主义思想。
我们坚持学习总书记重要讲话精神，落实党委理论学习中心组学习制度，宣布署名文章，恢复盖章，一贯切实履职。
2020年7月1日（星期三），党委召开座谈会（扩大）；部署“三会一课”，学习《中国共产党章程》《习近平谈治国理政》第三卷。
创新、协调、绿色、开放、共享的新发展理念深入人心，绿水青山就是金山银山，不忘初心、牢记使命。
脱贫攻坚期间，精准扶贫措施到位，改水按装配标准验收。"""
    assert pairs(text, *SHIPPED_ENTRIES) == []


# -- much text, and hostile text ---------------------------------------------


def test_the_walk_takes_as_many_steps_as_the_text_is_long_however_many_entries():
    entries = [entry("typo", f"{chr(0x4E00 + n % 500)}{chr(0x5E00 + n)}错", "对", number=n) for n in range(2000)]
    text = "".join(chr(0x4E00 + n * 7 % 5000) for n in range(50_000))
    few, many = trie_of(entries[:10]), trie_of(entries)
    list(few.walk(text)), list(many.walk(text))
    assert many.steps <= 2 * len(text)
    ladder = trie_of([entry("typo", "一" * n, "x", number=n) for n in range(2, 61)])
    list(ladder.walk("一" * 50_000))
    assert ladder.steps <= 61 * 50_000


@pytest.mark.parametrize(
    "text",
    [
        "《" * 50_000,
        "（" * 25_000 + "》" * 25_000,
        "绿水青山就是" * 8_000,
        "“" + "一" * 49_000,
        "“一二三四五六七八”" * 5_000,
        "2020年2月30日" * 5_000,
        "指出：" * 16_000,
        "\x00\ud800\U0010ffff\u202e" * 1_000,
        "\n" * 50_000,
    ],
)
def test_hostile_text_ends_with_few_advices(text):
    library = [Source(1, "长", "绿水青山" * 10_000), TALK]
    checked = told(text, *SHIPPED_ENTRIES, library=library)
    assert len(checked.advices) <= 200


def test_no_more_quotations_are_compared_than_a_paper_has():
    many = "".join(f"“这是第{n}处相当长的引文”" for n in range(500))
    assert len(quotations_of([(1, many)])) == MOST_QUOTATIONS


# -- order and repetition ----------------------------------------------------


def whys(text, *entries):
    return [(one.paragraph, one.label, one.why) for one in told(text, *entries).advices]


def test_a_count_that_leaves_one_out_is_told():
    assert whys("一、认识\n（一）甲\n（二）乙\n二、做法\n（一）丙\n三、打算") == []
    assert whys("一、认识\n三、打算") == [(2, "层次", "前一个是“一、”，序号不相连，请核对。")]
    assert whys("十、甲\n十一、乙\n十三、丙") == [(3, "层次", "前一个是“十一、”，序号不相连，请核对。")]
    assert whys("一、甲\n（一）乙\n（三）丙") == [(3, "层次", "前一个是“（一）”，序号不相连，请核对。")]


def test_a_list_that_begins_anew_is_in_order():
    assert whys("一、甲\n二、乙\n一、丙\n二、丁") == []


def test_the_same_paragraph_twice_is_told():
    long = "乡村全面振兴要一件事情接着一件事情办，一年接着一年干。"
    assert whys(f"{long}\n别的。\n{long}") == [(3, "层次", "与第1段完全相同，请核对是否重复。")]
    assert whys("谢谢大家。\n谢谢大家。") == []


def test_half_wide_marks_between_chinese_letters_are_told():
    found = told("学习了《章程》,有收获;还要学").advices
    assert {one.advised for one in found} == {"，", "；"}
    assert pairs("全镇1,500人，比例3:1，见 https://a.b") == []


def test_a_miswritten_name_is_told_and_study_is_not():
    assert ("习进平", "习近平") in pairs("习进平总书记强调", *SHIPPED_ENTRIES)
    assert pairs("认真学习近平易近人的作风", *SHIPPED_ENTRIES) == []
    assert pairs("我们学习进平原的经验", *SHIPPED_ENTRIES) == []
