"""Papers composed from varied material, so that each reads as its author's own and no two are alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from studygroup.demo.themes import Theme

# What a person sees in his own work, by the line of work his title names.
WORK: dict[str, tuple[str, ...]] = {
    "宣传": (
        "我负责学习秘书工作，组织别人学习容易，静下心来自己学透却常常做不到，这是需要检讨的。",
        "宣传文章有时为赶时间写得急，材料味重、泥土味少，群众看了记不住。",
        "我准备带着文化站的同志一村一村找故事，用身边人讲身边事，让理论宣讲坐到炕头上。",
    ),
    "组织委员": (
        "管党员、带队伍，要从一次像样的支部会做起，会议记录写得再漂亮，也不如党员愿意来、愿意说。",
        "今年走访中发现，有的村后备干部断档，三十五岁以下的党员一只手数得过来。",
        "我打算把返乡青年、退伍军人、合作社骨干列成名册，逐人联系，成熟一个培养一个。",
    ),
    "纪委书记": (
        "做纪检工作，自己首先要坐得正，学习党规党纪不是为了对照别人，而是先照照自己。",
        "从信访件看，群众意见集中在村级账目公开不及时、办事拖延，都不是大事却最伤感情。",
        "今后坚持村级账目一季一晒、一事一公开，让监督走在问题前面。",
    ),
    "农业": (
        "我在农口工作，田间地头就是课堂，一场春雪、一次价格波动，都检验我们懂不懂规律、有没有预案。",
        "目前合作社数量不少，真正能带动农户的不多，农产品卖的还是原字号。",
        "下半年集中抓好示范园区和两家骨干合作社，把订单签到户，把技术员派到地头。",
    ),
    "村镇建设": (
        "村镇建设年年有任务，有的村修了又挖、挖了又修，根子在规划跟着项目跑。",
        "违建拆除中，凡是提前把道理讲清、把后续用途讲明的，群众都配合，这让我很受教育。",
        "我将把拆后空间用作停车、绿化和小广场，一处一图，完工后请村民代表验收。",
    ),
    "人大": (
        "代表工作接地气，代表们反映的路灯、水渠、校车问题，往往比会议材料更真切。",
        "过去对代表建议满足于答复率，对落实率盯得不够紧。",
        "今后建议办理实行见面商量、见面答复、见面验收，请代表给结果打分。",
    ),
    "工作区": (
        "工作区直接面对各村，上面的部署到我们这里就要变成一张一张的工作单。",
        "有时为了完成任务，习惯打电话安排，真正坐下来帮村里想办法的时候少。",
        "我给自己定了一条规矩：每周至少在一个村吃一顿饭、听三户人家说话。",
    ),
    "文化": (
        "文化站的活动热闹是热闹，老人孩子来得多，青壮年来得少，说明内容还不对路。",
        "农家书屋的书借阅不多，不是群众不爱读，是书没有送到他们手边。",
        "我想把书架搬到卫生室和小超市，再办几场家乡戏，让大家在笑声里明白道理。",
    ),
    "司法": (
        "调解室里最常见的是地邻纠纷和彩礼纠纷，标的不大，气却不小。",
        "以往调解偏重息事，文书写得简单，过后容易反复。",
        "今后每案写清事实和依据，调解成功后一个月内回访一次，让结果立得住。",
    ),
    "社会事务": (
        "民政对象里有不少不会说、不愿说的老人，坐在办公室里等不到他们的难处。",
        "政策明白纸发下去不少，真正看懂的不多，需要我们一句一句念给他们听。",
        "我们把高龄独居老人分片包干，每周一个电话、每月一次上门。",
    ),
    "村党": (
        "当村书记，群众看的不是你会不会讲，而是事情来了你在不在场。",
        "村里过去开会靠喇叭、办事靠面子，碰到利益调整就卡住了。",
        "以后村里的事先开党员会再开代表会，定了就公开，公开了就干，干完了再说一遍。",
    ),
    "武装": (
        "基干民兵是关键时刻的突击队，防汛、防疫、护路都离不开他们。",
        "训练安排与农时冲突时，讲道理多、想办法少，有的队员积极性受影响。",
        "下一步错开农忙排训练，把急救、排涝列为必训课目，练了就能用。",
    ),
    "经济": (
        "跑企业多了才知道，企业最怕的不是难，而是政策说不准、办事没有准信。",
        "我们的帮扶有时停留在问一问、记一记，回音慢，企业就不再开口。",
        "我把联系的企业建成一张清单，问题、责任人、办结日写在一起，每周销号。",
    ),
    "民生": (
        "民生账最难算也最该算，多一个养老床位、少跑一趟路，群众心里都有数。",
        "今年入户核对时发现，个别应享受政策的家庭没有纳入，说明动态管理有空档。",
        "今后变等上门为找上门，用网格信息每月比对一次，不落一户。",
    ),
    "党建": (
        "党建工作不能自转空转，党员示范岗设在哪里，就要看那里的难题有没有少。",
        "有的支部学习记录工整，讨论却只有三言两语，形式大于内容。",
        "今后检查支部先听党员说，再看记录本，把讨论质量作为评星的主要依据。",
    ),
    "公共服务": (
        "服务大厅每天人来人往，一句“您好”和一次讲清楚，就是最直接的群众工作。",
        "窗口之间信息不通，群众重复交材料的情况仍然存在。",
        "我们正在推行一窗受理，先从社保和民政两项做起，年底前把复印件减下一半。",
    ),
    "安全": (
        "安全检查不怕麻烦，最怕看惯了，今天看见的线头、明天就可能是火头。",
        "“九小场所”流动快，台账更新跟不上，检查容易留死角。",
        "我们按街巷重新编号，谁检查谁签字，隐患整改要有前后对照。",
    ),
    "执法": (
        "执法队员天天和商户打交道，文明二字写在脸上，更要写在程序上。",
        "占道经营反复治理反复出现，一味地赶不解决摊贩的生计。",
        "我们与村居商量设置便民疏导点，规矩先讲清，执法有温度也有尺度。",
    ),
    "退役": (
        "来服务站的老兵不图别的，想的是有人记得、有地方说话。",
        "档案中有的地址和电话多年没有更新，关心送不到位。",
        "我们带着名册挨户走一遍，把困难、特长、心愿都记下来，能办的当场办。",
    ),
    "财政": (
        "财政所的每一张票据都连着政策，审得严不是刁难，是保护。",
        "预算执行前松后紧，年底集中支付，说明计划性还不强。",
        "今后按季通报执行进度，把压减的一般性支出明明白白用在民生上。",
    ),
    "统计": (
        "数字是决策的眼睛，一个数不实，后面一串判断都会走样。",
        "基层报表多、口径杂，统计员有时为赶报送少了核对。",
        "我们实行一数一源、一表双核，宁可晚半天，不能错一笔。",
    ),
    "工业区": (
        "园区里青年职工多，流动党员多，支部要建在车间，也要建在手机那一头。",
        "企业党建有时被看作锦上添花，没有和安全生产、技术攻关拧成一股绳。",
        "我们在重点车间设党员责任区，拿合格率和隐患数来检验学习成效。",
    ),
    "社区": (
        "社区工作琐碎，楼道一盏灯、井盖一声响，都是居民评价我们的尺子。",
        "年轻居民白天上班，过去活动安排在工作日，参与的总是那几位老邻居。",
        "我们把议事会放到周末，把公示搬到楼门口，让更多人说得上话。",
    ),
    "网格": (
        "网格员一天走一万多步，收上来的信息有没有回音，决定了群众下次还愿不愿意说。",
        "事件流转中间环节多，有的在系统里转了几圈才有人管。",
        "我们把高频事项列出首办责任人，谁接单谁跟到底，结果当面告诉居民。",
    ),
    # Last, because most titles contain these words.
    "党委书记": (
        "作为班长，我既要把方向、管大局，也要把自己摆进去，凡是要求别人做到的自己先做到。",
        "回头看这一阶段，有的工作部署多、跟踪少，会上讲得热，会后落得慢，责任首先在我。",
        "下一步，我每月拿出固定时间住村蹲点，带着问题学、围着问题转，把解决了几件事作为学习的检验。",
    ),
    "镇长": (
        "政府工作千头万绪，越忙越要学，越学越能分清轻重缓急，不至于眉毛胡子一把抓。",
        "我分管的项目建设里，有两个因为前期工作不细而反复，说明研究政策还停在表面。",
        "今后每个项目上马前先做一次政策对照、一次现场踏勘、一次群众座谈，把问题解决在图纸上。",
    ),
}
FALLBACK = WORK["工作区"]

OPENINGS = (
    "这次学习，我先通读了{readings}，又对照学习提纲逐段做了笔记，有三点体会比较深。",
    "中心组围绕“{topic}”安排了自学、领学和研讨，我边学边想，下面汇报自己的认识。",
    "{readings}，我前后读了两遍。第一遍求懂，第二遍求用，读完最大的感受是责任更重了。",
    "学习“{topic}”以来，我把学到的和手头正在做的工作放在一起比，越比越觉得差距在自己。",
    "按照学习计划，我利用晚上时间研读了{readings}，并和同志们交换了看法。",
    "围绕“{question}”这个题目，我读了原文，也到村里找了几位老党员聊，收获不少。",
    "参加了“{topic}”的集中学习，听了领学和发言，会后又补读了原文，现将心得整理如下。",
    "说实话，刚拿到学习材料时觉得道理都懂，真正坐下来读，才发现许多地方只是知其然。",
)
SHORTCOMINGS = (
    "对照要求，我在学习上还有碎片化的毛病，零敲碎打多，系统研读少。",
    "检视自身，理论联系实际还不够紧，有时笔记记了不少，用到工作里的不多。",
    "看到差距：遇到急事难事，还习惯凭老经验，从理论中找办法的自觉不够。",
    "深感不足的是调查研究不深，有的情况是听来的，不是看来的、问来的。",
    "反思自己，抓落实的韧劲还要加强，开头用劲大，收尾盯得松。",
    "存在的问题是学用转化慢，好做法记在本上，推广却晚了半拍。",
)
CLOSINGS = (
    "学习永远在路上，我会把这次学习的收获写进下个月的工作单里，一项一项对账。",
    "纸上得来终觉浅，接下来就看行动，请同志们监督。",
    "以上体会还很粗浅，我将在实践中继续学、继续改。",
    "一句话，把学习成果变成群众看得见的变化，才算真正学到了手。",
    "年底再回头看今天写下的这几条，办成了的画勾，没办成的说明原因。",
    "我将把问题清单带回去，和同事们一起研究，学习不停步，整改不过夜。",
    "愿与同志们共勉，在学习中提高本领，在本领中体现担当。",
    "我想，学得好不好，最终要由群众来打分。",
)


def _work_of(title: str, unit: str) -> Sequence[str]:
    """The material of the first line of work that the person's title or department names."""
    return next((lines for key, lines in WORK.items() if key in f"{title}{unit}"), FALLBACK)


def _readings(theme: Theme) -> str:
    return theme.readings.split("；")[0]


def reflection(theme: Theme, title: str, department: str, seed: str) -> str:
    """心得体会: some 400 characters, different for every (theme, person, seed)."""
    random = Random(seed)
    thoughts = random.sample(theme.thoughts, k=min(3, len(theme.thoughts)))
    work = _work_of(title, department)
    opening = random.choice(OPENINGS).format(topic=theme.topic, readings=_readings(theme), question=theme.question)
    return "\n".join(
        (
            opening,
            "一、在深学细悟中提高认识",
            "".join(thoughts),
            "二、在对照检查中看到差距",
            work[1] + random.choice(SHORTCOMINGS),
            "三、在学以致用中见到行动",
            work[0] + work[2],
            random.choice(CLOSINGS),
        )
    )


def reading_note(theme: Theme, title: str, department: str, seed: str) -> str:
    random = Random(seed)
    work = _work_of(title, department)
    thoughts = random.sample(theme.thoughts, k=len(theme.thoughts))
    return "\n".join(
        (
            f"书目：{_readings(theme)}",
            "一、主要内容",
            f"本季度通读了{_readings(theme)}，摘录要点{random.randint(12, 38)}条，"
            f"重点研读了与“{theme.topic}”有关的章节，并结合学习强国上的解读文章做了批注，"
            f"前后用了{random.randint(9, 26)}个晚上，每天不少于一小时。",
            "二、摘记与思考",
            *thoughts,
            "三、联系实际",
            work[0] + work[1] + random.choice(SHORTCOMINGS),
            "下一步打算：" + work[2] + random.choice(CLOSINGS),
        )
    )


def speech(theme: Theme, title: str, department: str, seed: str) -> str:
    random = Random(seed)
    work = _work_of(title, department)
    return "\n".join(
        (
            f"各位同志：根据安排，我围绕“{theme.question or theme.topic}”作一个发言，不当之处请批评指正。",
            "一、讲认识",
            "".join(random.sample(theme.thoughts, k=min(2, len(theme.thoughts)))),
            "二、讲问题",
            work[1] + random.choice(SHORTCOMINGS),
            "三、讲办法",
            work[2],
            f"具体分三步走：第一步用{random.randint(1, 3)}周摸清底数，第二步列出不少于{random.randint(5, 9)}项的清单，"
            f"第三步每{random.choice(('周', '半月', '月'))}对账一次，"
            f"{random.choice(('季末', '年底', '下次研讨时'))}向大家报告结果。",
            random.choice(CLOSINGS),
        )
    )


@dataclass(frozen=True)
class Inquiry:
    """What one research report is about: where, what was found, what should be done."""

    title: str
    where: str
    found: tuple[str, str]
    problems: tuple[str, str]
    advice: tuple[str, str, str]


METHODS = (
    "采取实地查看、入户走访、集中座谈和查阅资料相结合的方式",
    "坚持不打招呼、不要陪同，先看现场再听汇报",
    "先后召开村干部、党员代表和群众代表三个层面的座谈会",
    "与工作区同志同吃同住，白天看点，晚上拉呱",
)


def research_report(inquiry: Inquiry, title: str, department: str, seed: str) -> str:
    """调研报告: some 500 characters."""
    random = Random(seed)
    work = _work_of(title, department)
    days, homes, people = random.randint(3, 9), random.randint(18, 76), random.randint(9, 34)
    return "\n".join(
        (
            f"为摸清底数、找准问题，我用{days}天时间到{inquiry.where}蹲点调研，{random.choice(METHODS)}，"
            f"共走访农户{homes}户，与党员群众{people}人当面交谈，现将情况报告如下。",
            "一、基本情况",
            *inquiry.found,
            "二、存在的主要问题",
            *(f"（{mark}）{text}" for mark, text in zip("一二", inquiry.problems, strict=True)),
            "三、对策建议",
            *(f"（{mark}）{text}" for mark, text in zip("一二三", inquiry.advice, strict=True)),
            "四、几点体会",
            work[0] + random.choice(SHORTCOMINGS),
            "五、成果转化",
            f"以上建议拟提交党委会研究，明确责任单位和时限，{random.choice(('三个月', '半年', '一年'))}后再到现场回访，"
            "并在中心组学习时报告进展。",
        )
    )


def minutes(title: str, host: str, readers: str, speakers: str, theme: Theme | None, seed: str) -> str:
    """学习记录 of one session."""
    random = Random(seed)
    lines = [f"主持人{host}说明本次学习的目的和安排，通报上次学习有关事项的落实情况。"]
    if readers:
        lines.append(f"{readers}领学：{theme.readings if theme else title}。")
    if speakers:
        thoughts = random.sample(theme.thoughts, k=min(2, len(theme.thoughts))) if theme and theme.thoughts else ()
        said = "".join(thoughts) or "结合分管工作谈了认识、问题和打算。"
        lines.append(f"{speakers}作重点发言：{said}")
    lines.append(f"与会同志围绕“{(theme.question if theme else '') or title}”进行了交流。")
    closing = (
        "会后各人结合分管工作提出措施，由党政办公室汇总督办。",
        "要带着问题学、联系实际学，把学习体会变成工作清单。",
        "未到会的同志要及时补学，并向学习秘书提交书面体会。",
        "下一次学习请重点发言同志提前三天把材料送办公室初审。",
    )
    lines.append(f"主持人小结：{random.choice(closing)}")
    return "\n".join(lines)
