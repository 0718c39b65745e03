"""Papers for measuring 雷同提示: honest ones, and copies planted among them. Seeded, our own words, no database.

Honest papers on one theme share what such papers share in life: headings, document titles, official formulas, the
town's figures, quotations from the library, the turns of phrase of an office. Their sentences are put together clause
by clause, so that they do not share passages.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from studygroup.demo.lines import DID, FOUND, PLANS, SEEN, THINK, told
from studygroup.demo.texts import CLOSINGS, OPENINGS, SHORTCOMINGS, WORK
from studygroup.demo.themes import THEMES

LETTERS = 1500
FORMULAS = (
    "增强“四个意识”、坚定“四个自信”、做到“两个维护”",
    "坚持以人民为中心的发展思想，不断增强人民群众的获得感、幸福感、安全感",
    "坚持稳中求进工作总基调，完整、准确、全面贯彻新发展理念，加快构建新发展格局，着力推动高质量发展",
    "以马克思列宁主义、毛泽东思想、邓小平理论、“三个代表”重要思想、科学发展观为指导",
    "坚持和加强党的全面领导，坚持党要管党、全面从严治党",
    "统筹推进“五位一体”总体布局、协调推进“四个全面”战略布局",
    "学懂弄通做实，学以致用、知行合一",
    "为全面建设社会主义现代化国家、全面推进中华民族伟大复兴而团结奋斗",
    "实事求是、密切联系群众、批评与自我批评",
    "把党的政治优势、组织优势、密切联系群众优势转化为治理效能",
    "守土有责、守土负责、守土尽责",
    "产业兴旺、生态宜居、乡风文明、治理有效、生活富裕的总要求",
)
FIGURES = (
    "全镇辖42个行政村、168个自然村，总面积136平方公里，人口6.3万",
    "全镇现有党组织67个、党员2318名，其中农村党员1654名",
    "去年全镇实现财政收入1.27亿元，农民人均纯收入16840元",
)
HEADINGS = (
    ("一、提高政治站位，深化思想认识", "二、对照先进典型，查找自身差距", "三、强化责任担当，狠抓工作落实"),
    ("一、学习的主要收获", "二、存在的问题和不足", "三、下一步努力方向"),
    ("一、在学懂弄通上下功夫", "二、在检视问题上动真格", "三、在推动落实上见实效"),
    ("一、基本情况", "二、主要问题", "三、意见建议"),
)
QUOTING = ("讲话指出：“{0}”", "文件要求：“{0}”", "我反复读了这一句：“{0}”", "资料里写道：“{0}”")
DOCUMENTS = (
    "《中国共产党章程》",
    "《中国共产党纪律处分条例》",
    "《关于新形势下党内政治生活的若干准则》",
    "《中国共产党农村基层组织工作条例》",
    "《信访工作条例》",
    "《乡村振兴促进法》",
)


@dataclass(frozen=True)
class Paper:
    """One paper; `copied_from` are the numbers of the papers it was put together from."""

    number: int
    writer: int
    theme: str
    paragraphs: Sequence[str]
    sort: str = "honest"
    copied_from: tuple[int, ...] = ()

    @property
    def body(self) -> str:
        return "\n".join(self.paragraphs)


def library(random: Random) -> list[str]:
    """Texts of the library: some of them are quoted in papers."""
    return ["\n".join(_reasoned(random) for _ in range(12)) for _ in range(len(THEMES) * 2)]


def _reasoned(random: Random) -> str:
    first, second, third = random.sample(THINK, 3)
    formula = random.choice(FORMULAS)
    return f"{first}，{second}。要{formula}。{random.choice(PLANS)}，{random.choice(PLANS)}，使{third}成为共识。"


def honest(number: int, writer: int, theme: str, texts: Sequence[str], random: Random) -> Paper:
    """About 1,500 letters under three headings, with everything honest papers have in common."""
    heads = random.choice(HEADINGS)
    facts = THEMES[theme]
    opening = random.choice(OPENINGS).format(
        topic=facts.topic, readings=facts.readings.split("；")[0], question=facts.question
    )
    paragraphs = [opening + random.choice(FIGURES) * (random.random() < 0.3)]
    for head in heads:
        paragraphs += [head, *(_paragraph(random, facts, texts) for _ in range(2))]
    paragraphs.append(random.choice(SHORTCOMINGS) + random.choice(CLOSINGS))
    while sum(map(len, paragraphs)) < LETTERS:
        paragraphs.insert(random.choice((2, 5, 8)), _paragraph(random, facts, texts))
    return Paper(number, writer, theme, paragraphs)


def _paragraph(random: Random, facts, texts: Sequence[str]) -> str:
    sentences = [told(random) for _ in range(3)]
    common: list[Callable[[], str]] = [
        lambda: f"要{random.choice(FORMULAS)}。",
        lambda: f"学习{random.choice(DOCUMENTS)}，结合“{facts.topic}”，{random.choice(THINK)}。",
        lambda: random.choice(random.choice(list(WORK.values()))),
        lambda: random.choice(QUOTING).format(random.choice(random.choice(texts).splitlines()).split("。")[0]) + "。",
        lambda: f"{random.choice(THINK)}，{random.choice(THINK)}。",
    ]
    sentences += [random.choice(common)()]
    random.shuffle(sentences)
    return "".join(sentences)


# -- copies ------------------------------------------------------------------


def whole(paper: Paper, random: Random) -> Sequence[str]:
    return list(paper.paragraphs)


def shuffled(paper: Paper, random: Random) -> Sequence[str]:
    paragraphs = list(paper.paragraphs)
    random.shuffle(paragraphs)
    return paragraphs


def rearranged(paper: Paper, random: Random) -> Sequence[str]:
    """Every sentence in another place."""
    sentences = [s + "。" for p in paper.paragraphs for s in p.split("。") if s]
    random.shuffle(sentences)
    return ["".join(sentences[n : n + 5]) for n in range(0, len(sentences), 5)]


def reworded(paper: Paper, random: Random, share: float = 0.2) -> Sequence[str]:
    """Every fifth word is another one, evenly over the whole text: worse than what somebody does by hand."""
    words = [text[n : n + 2] for text in (*SEEN, *DID, *FOUND, *PLANS) for n in range(0, len(text) - 1, 2)]

    def reword(paragraph: str) -> str:
        pieces = (paragraph[n : n + 2] for n in range(0, len(paragraph), 2))
        return "".join(random.choice(words) if random.random() < share else piece for piece in pieces)

    return [reword(paragraph) for paragraph in paper.paragraphs]


def mixed(first: Paper, second: Paper, own: Paper) -> Sequence[str]:
    """A third of each of two papers, and a third of one's own."""
    third = [p for n, p in enumerate(own.paragraphs) if n % 3 == 0]
    return [
        *(p for n, p in enumerate(first.paragraphs) if n % 3 == 1),
        *third,
        *(p for n, p in enumerate(second.paragraphs) if n % 3 == 2),
    ]


def one_paragraph(source: Paper, own: Paper, random: Random) -> Sequence[str]:
    """An honest paper with one paragraph of somebody else's."""
    paragraphs = list(own.paragraphs)
    longest = max(source.paragraphs, key=len)
    paragraphs[random.randrange(2, len(paragraphs))] = longest
    return paragraphs


# -- all of it ---------------------------------------------------------------


@dataclass(frozen=True)
class Data:
    """The archive, the library, and new papers to compare with them."""

    archive: Sequence[Paper]
    texts: Sequence[str]
    new: Sequence[Paper]


def make(*, papers: int, writers: int, each: int, honest_new: int, circulated: bool = True, seed: int = 4) -> Data:
    """`each` copies of every sort and `honest_new` honest papers on one theme, beside an archive of `papers`."""
    random = Random(seed)
    texts, themes = library(random), list(THEMES)
    archive = [honest(n, random.randrange(writers), random.choice(themes), texts, random) for n in range(papers)]
    if circulated:
        archive = [*archive, *_passed_round(archive[0], papers, random)]
    new = [honest(-1 - n, random.randrange(writers), themes[0], texts, random) for n in range(honest_new)]
    planted = [*_planted(archive[:papers], texts, each, writers, random)]
    return Data(archive, texts, [*new, *(paper for paper in planted if circulated or paper.sort != "passed round")])


def _passed_round(paper: Paper, first: int, random: Random) -> Iterator[Paper]:
    """One text that eight people have handed in already."""
    for n in range(8):
        yield Paper(first + n, 1000 + n, paper.theme, whole(paper, random), "passed round")


def _planted(
    archive: Sequence[Paper], texts: Sequence[str], each: int, writers: int, random: Random
) -> Iterator[Paper]:
    for n in range(each):
        a, b = random.sample(archive[1:], 2)
        writer = next(w for w in range(writers) if w not in (a.writer, b.writer))
        own = honest(-1, writer, a.theme, texts, random)
        for sort, paragraphs, sources in (
            ("whole", whole(a, random), (a,)),
            ("shuffled", shuffled(a, random), (a,)),
            ("reworded 20 %", reworded(a, random), (a,)),
            ("two mixed", mixed(a, b, own), (a, b)),
            ("rearranged", rearranged(a, random), (a,)),
            ("one paragraph", one_paragraph(a, own, random), (a,)),
        ):
            yield Paper(-1000 - n, writer, a.theme, paragraphs, sort, tuple(source.number for source in sources))
    passed = archive[0]
    for n in range(min(each, 5)):
        writer = next(w for w in range(writers) if w != passed.writer)
        yield Paper(-5000 - n, writer, passed.theme, whole(passed, random), "passed round", (passed.number,))
