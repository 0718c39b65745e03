"""用语词条 every installation starts with: few, neutral, and each certainly right.

They become rows. What is changed here goes with a greater RELEASE; rows of earlier releases stay as they were.
"""

from dataclasses import dataclass
from datetime import date

from materials.wording.entries import WordingSort

RELEASE = 1


MISWRITTEN = ("习进平", "习近评", "习近苹", "习近凭", "习金平", "习尽平", "习平近", "刁近平", "习近乎")


@dataclass(frozen=True)
class Shipped:
    sort: str
    found: str
    advised: str = ""
    note: str = ""
    spared: str = ""
    valid_from: date | None = None


def _titles() -> list[Shipped]:
    sort = WordingSort.TITLE
    first = "第一次出现时写全称。"
    return [
        Shipped(sort, "新时代中国特色社会主义思想", "习近平新时代中国特色社会主义思想", first),
        Shipped(sort, "党委中心组", "党委理论学习中心组", first),
        Shipped(sort, "理论中心组", "理论学习中心组", first),
        Shipped(sort, "中国共产党十八大", "党的十八大", "全称是中国共产党第十八次全国代表大会，简称党的十八大。"),
        Shipped(sort, "中国共产党十九大", "党的十九大", "全称是中国共产党第十九次全国代表大会，简称党的十九大。"),
        Shipped(sort, "中国共产党二十大", "党的二十大", "全称是中国共产党第二十次全国代表大会，简称党的二十大。"),
    ]


def _phrases() -> list[Shipped]:
    sort = WordingSort.PHRASE
    return [
        Shipped(sort, "习近平新时代中国特色社会主义思想", spared="习近平新时代中国特色强军思想"),
        Shipped(
            sort,
            "马克思列宁主义、毛泽东思想、邓小平理论、“三个代表”重要思想、科学发展观、习近平新时代中国特色社会主义思想",
        ),
        Shipped(sort, "绿水青山就是金山银山"),
        Shipped(sort, "不忘初心、牢记使命"),
        Shipped(sort, "增强“四个意识”、坚定“四个自信”、做到“两个维护”"),
        Shipped(sort, "政治意识、大局意识、核心意识、看齐意识", note="“四个意识”的内容和次序。"),
        Shipped(sort, "道路自信、理论自信、制度自信、文化自信", note="“四个自信”的内容和次序。"),
        Shipped(sort, "创新、协调、绿色、开放、共享", note="新发展理念的内容和次序。"),
        Shipped(sort, "富强、民主、文明、和谐", note="社会主义核心价值观（国家层面）的内容和次序。"),
        Shipped(sort, "自由、平等、公正、法治", note="社会主义核心价值观（社会层面）的内容和次序。"),
        Shipped(sort, "爱国、敬业、诚信、友善", note="社会主义核心价值观（公民层面）的内容和次序。"),
        Shipped(
            sort,
            "产业兴旺、生态宜居、乡风文明、治理有效、生活富裕",
            note="实施乡村振兴战略的总要求，内容和次序。",
        ),
        Shipped(
            sort,
            "经济建设、政治建设、文化建设、社会建设、生态文明建设",
            note="“五位一体”总体布局的内容和次序。",
        ),
        Shipped(sort, "统筹推进“五位一体”总体布局、协调推进“四个全面”战略布局"),
        Shipped(sort, "学党史、悟思想、办实事、开新局"),
        Shipped(sort, "为中国人民谋幸福，为中华民族谋复兴"),
        Shipped(sort, "同呼吸、共命运、心连心"),
        Shipped(sort, "全心全意为人民服务"),
    ]


def _outdated() -> list[Shipped]:
    sort = WordingSort.OUTDATED
    reform = "2018年机构改革以后的名称。回顾以前的工作可以用当时的名称。"
    since = date(2019, 4, 1)
    return [
        Shipped(
            sort,
            "精准扶贫",
            "乡村振兴",
            "2021年2月脱贫攻坚全面胜利以后，现行工作用“巩固拓展脱贫攻坚成果”“乡村振兴”。回顾以前的工作可以用。",
            "精准扶贫精准脱贫",
            date(2021, 2, 26),
        ),
        Shipped(
            sort,
            "决胜全面建成小康社会",
            "全面建设社会主义现代化国家",
            "2021年7月1日已经宣告全面建成小康社会。回顾以前的工作可以用。",
            "决胜全面建成小康社会取得决定性成就",
            date(2021, 7, 2),
        ),
        Shipped(sort, "建国以来", "新中国成立以来", spared="关于建国以来党的若干历史问题的决议"),
        Shipped(sort, "建国初期", "新中国成立初期"),
        Shipped(sort, "工商行政管理局", "市场监督管理局", reform, valid_from=since),
        Shipped(sort, "质量技术监督局", "市场监督管理局", reform, valid_from=since),
        Shipped(sort, "食品药品监督管理局", "市场监督管理局", reform, valid_from=since),
        Shipped(sort, "环境保护局", "生态环境局", reform, valid_from=since),
        Shipped(sort, "国土资源局", "自然资源和规划局", f"{reform}各地名称不尽相同，请核对。", valid_from=since),
        Shipped(sort, "卫生和计划生育局", "卫生健康局", reform, valid_from=since),
        Shipped(
            sort,
            "新型农村合作医疗",
            "城乡居民基本医疗保险",
            "2020年起全国实行统一的城乡居民基本医疗保险。",
            valid_from=date(2020, 1, 1),
        ),
    ]


def _typos() -> list[Shipped]:
    sort = WordingSort.TYPO
    plain = [
        ("座右名", "座右铭"),
        ("再接再励", "再接再厉"),
        ("一如继往", "一如既往"),
        ("全力以付", "全力以赴"),
        ("以身做则", "以身作则"),
        ("因地治宜", "因地制宜"),
        ("实事求事", "实事求是"),
        ("与时具进", "与时俱进"),
        ("循序渐近", "循序渐进"),
        ("持之以衡", "持之以恒"),
        ("义不容词", "义不容辞"),
        ("励精图志", "励精图治"),
        ("提纲携领", "提纲挈领"),
        ("学以至用", "学以致用"),
        ("攻艰克难", "攻坚克难"),
        ("迫不急待", "迫不及待"),
        ("自立更生", "自力更生"),
        ("责无旁代", "责无旁贷"),
        ("一愁莫展", "一筹莫展"),
        ("坐谈会", "座谈会"),
        ("人大代表大会", "人民代表大会"),
    ]
    return [
        Shipped(
            sort, "习总书记", "习近平总书记", "规范称谓。", "学习总书记、研习总书记、温习总书记、复习总书记、练习总书记"
        ),
        *(Shipped(sort, name, "习近平", "姓名有误。", f"学{name}、复{name}、补{name}") for name in MISWRITTEN),
        Shipped(sort, "总书计", "总书记"),
        Shipped(sort, "党中央国务院", "党中央、国务院", "并列的机关之间用顿号。"),
        Shipped(sort, "中国共产党第二十届全国代表大会", "中国共产党第二十次全国代表大会", "全国代表大会称“次”。"),
        Shipped(sort, "按装", "安装", spared="按装配、按装机、按装修、按装车、按装卸、按装置、按装备、按装订、按装运"),
        Shipped(sort, "布署", "部署", spared="宣布署、发布署、公布署、颁布署"),
        *(Shipped(sort, found, advised) for found, advised in plain),
    ]


def _marks() -> list[Shipped]:
    sort = WordingSort.MARKS
    quoted = (
        "两个确立",
        "两个维护",
        "四个意识",
        "四个自信",
        "四个全面",
        "五位一体",
        "三会一课",
        "三严三实",
        "两学一做",
    )
    documents = (
        "中国共产党章程",
        "中国共产党纪律处分条例",
        "中国共产党廉洁自律准则",
        "关于新形势下党内政治生活的若干准则",
        "中国共产党党内监督条例",
        "中国共产党问责条例",
        "中国共产党农村基层组织工作条例",
        "中国共产党党委（党组）理论学习中心组学习规则",
        "习近平谈治国理政",
    )
    return [
        *(Shipped(sort, word, f"“{word}”", "这类概括性的提法加引号。") for word in quoted),
        *(Shipped(sort, title, f"《{title}》", "文件和书的名称加书名号。") for title in documents),
    ]


SHIPPED = [*_titles(), *_phrases(), *_outdated(), *_typos(), *_marks()]
