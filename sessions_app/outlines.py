"""年度计划的样板: two neutral outlines a year may start from. Every town writes its own topics over them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class OutlineRow:
    """One topic; `kinds` are slugs of 学习形式, `content_class` one of the nine."""

    month: int
    topic: str
    content: str
    content_class: str
    kinds: Sequence[str] = ("collective_study",)
    question: str = ""


@dataclass(frozen=True)
class Outline:
    slug: str
    label: str
    rows: Sequence[OutlineRow]


_R = OutlineRow
DISCUSS = ("collective_study", "discussion")

OUTLINES = (
    Outline(
        "months",
        "样板：通用十二个月（每月一个专题，每季度一次研讨）",
        (
            _R(1, "党的创新理论", "《习近平著作选读》有关篇目", "theory"),
            _R(2, "中央一号文件和农村工作", "当年中央一号文件", "policy"),
            _R(3, "全国两会精神", "当年《政府工作报告》", "policy", DISCUSS, "怎样把两会部署落到本单位今年的工作中？"),
            _R(4, "党章党规党纪", "《中国共产党章程》《中国共产党纪律处分条例》", "party_rules"),
            _R(5, "总体国家安全观和安全生产", "有关重要论述和法律法规", "law"),
            _R(6, "党史和革命传统", "《中国共产党简史》有关章节", "history", DISCUSS, "从党的历史中学到什么工作方法？"),
            _R(7, "党的建设和全面从严治党", "有关重要讲话和文件", "theory"),
            _R(8, "改革发展中的重点难点", "上级有关部署和本地调研材料", "reform"),
            _R(9, "乡村全面振兴", "有关重要论述和典型经验", "reform", DISCUSS, "本单位今年最该补的短板是什么？"),
            _R(10, "宪法和法治", "《中华人民共和国宪法》和新颁布的法律", "law"),
            _R(11, "中央全会精神", "当年中央全会文件", "theory"),
            _R(12, "中央经济工作会议精神", "会议通稿和权威解读", "policy", DISCUSS, "明年工作怎样谋划？"),
        ),
    ),
    Outline(
        "quarters",
        "样板：季度专题（每季度一个大专题，学习、调研、研讨各一次）",
        tuple(
            row
            for first, topic, content, content_class in (
                (1, "党的创新理论", "《习近平著作选读》有关篇目", "theory"),
                (4, "党章党规党纪和党史", "《中国共产党章程》《中国共产党简史》", "party_rules"),
                (7, "改革发展中的重点难点", "上级有关部署和本地调研材料", "reform"),
                (10, "中央全会和中央经济工作会议精神", "当年会议文件", "policy"),
            )
            for row in (
                _R(first, f"{topic}：集中学习", content, content_class),
                _R(
                    first + 1,
                    f"{topic}：现场教学和专题调研",
                    "调研提纲和现场讲解材料",
                    content_class,
                    ("onsite_teaching",),
                ),
                _R(first + 2, f"{topic}：专题研讨", content, content_class, DISCUSS, "学了什么，准备怎么做？"),
            )
        ),
    ),
)


def outline_of(slug: str) -> Outline:
    return next(outline for outline in OUTLINES if outline.slug == slug)
