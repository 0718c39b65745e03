"""用语词库 of a town, a speech that is quoted, and the slips a draft may have. All of it written for the demo."""

from datetime import date, datetime, timedelta

from materials.actions.wording import add_wording
from materials.models import Material
from reviews.chain import State
from studygroup.demo.themes import THEMES
from studygroup.demo.town import Paper, Town
from studygroup.lib.clock import local_date

SPEECH = """同志们：今天的学习很扎实，讲三点意见。
群众的事没有小事，一件一件办好了，民心就一点一点聚起来了。各工作区要把群众反映的问题列成清单，办一件、销一件、公开一件。
学习不是为了交账。要把学到的道理和正在做的事情放在一起想，边学边改，在干中求进步。"""
# Slips, an enumeration in another order, a day no calendar has, a quotation by heart: what 自查 and reviewers see.
SLIPS = (
    "镇党委书记在中心组学习会上讲，“群众的事情没有小事，一件一件办好，民心就一点一点聚拢来”。坐谈会上大家都表示要再接再励，"
    "按照强党建、惠民生、抓发展、促和谐的思路，对照《中国共产党章程找差距，6月31日前把走访记下的问题逐条办完。"
)
OWN = (
    ("phrase", "强党建、抓发展、惠民生、促和谐", "", "镇党委全年工作思路的提法和次序。", None),
    ("typo", "镇党政综合办公室", "镇党政办公室", "按机构改革后的名称。", None),
    ("outdated", "便民服务大厅", "党群服务中心", "镇村两级已统一更名。", date(2021, 1, 1)),
)


def keep_words(town: Town, now: datetime) -> None:
    keeper, today = town.user("propaganda"), local_date(now)
    for sort, found, advised, note, since in OWN:
        add_wording(
            group=town.group,
            sort=sort,
            found=found,
            advised=advised,
            note=note,
            valid_from=since,
            by=keeper,
            at=now - timedelta(days=20),
        )
    Material.objects.create(
        group=town.group,
        title="镇党委书记在中心组学习会上的讲话",
        source="镇党委",
        content_class="theory",
        body=SPEECH,
        added_by=town.user("clerk"),
        added_on=today - timedelta(days=14),
    )
    papers = (("m5", "conduct", State.FIRST_REVIEW), ("m2", "works", State.DRAFT))
    for number, (author, theme, end) in enumerate(papers):
        topic = THEMES[theme].topic
        body = f"{town.compose('reflection', THEMES[theme], author, 900 + number)}\n{SLIPS}"
        title = f"对照岗位学{topic}的体会"
        town.write(Paper("reflection", author, title, today - timedelta(days=1), body, topic, end))
