"""精武镇 2020: a plan every month, 37 concentrated studies, three discussions, lectures approved beforehand."""

from datetime import date, timedelta

from studygroup.demo.tables import SAME_SCRIPT, Channel, Handout, Held, Planned, Supplement, Talk, Text, TownYear

_HEAD = {
    "guiding_thought": "以习近平新时代中国特色社会主义思想为指导，坚持集体学习与个人自学、线上与线下、理论与实践"
    "相结合，推动党委理论学习制度化、规范化。",
    "aims": "月月有安排、次次有主题，以查、实、干检验学习成效。",
    "requirements": "一、主要负责同志审定学习方案并带头领学、研讨、宣讲。\n"
    "二、报告会、授课实行前置审批，主讲人资质和内容一并审核。\n三、查找的问题要形成措施、明确责任人和完成时限。",
    "reading_list": "《习近平谈治国理政》第一、二卷\n《习近平新时代中国特色社会主义思想学习纲要》",
    "questions": "一、怎样把制度优势转化为基层治理效能？\n二、“十四五”时期精武镇靠什么高质量发展？",
}
_C = "concentrated_study"

PLANNED = (
    Planned(1, "system", _C, "secretary", "m1"),
    Planned(1, "mission", _C, "m3"),
    Planned(
        2,
        "epidemic",
        f"{_C} online",
        "secretary",
        "deputy",
        topic="年初重要会议和文件精神",
        content="中央、省、市年初重要会议文件",
    ),
    Planned(
        3, "poverty", _C, "deputy", "m6", topic="习近平总书记关于扶贫工作的重要论述", content="《习近平扶贫论述摘编》"
    ),
    Planned(
        3,
        "epidemic",
        f"{_C} discussion",
        "secretary",
        "m5 m6",
        topic="年初重要会议和文件精神",
        content="中央、省、市年初重要会议文件",
    ),
    Planned(4, "security", _C, "m4"),
    Planned(
        4,
        "discipline",
        _C,
        "m2",
        "m1",
        topic="党章党规党纪和全面从严治党",
        content="《中国共产党章程》；《中国共产党廉洁自律准则》",
    ),
    Planned(5, "united", _C, "propaganda", "m1"),
    Planned(5, "congress", _C, "deputy", "m5"),
    Planned(6, "code", f"{_C} expert_guidance", "m2", "m7"),
    Planned(6, "organization_rules", _C, "m3", "m1"),
    Planned(7, "party_day", f"{_C} party_lecture", "secretary"),
    Planned(
        7,
        "governance",
        f"{_C} discussion",
        "secretary",
        "deputy m3",
        topic="习近平新时代中国特色社会主义思想原著研读",
        content="《习近平谈治国理政》第一、二卷",
    ),
    Planned(
        8,
        "governance",
        f"{_C} reading_class",
        "propaganda",
        "m4",
        "全体成员，部门、村居负责人",
        topic="习近平新时代中国特色社会主义思想原著研读",
        content="《习近平谈治国理政》第一、二卷",
    ),
    Planned(8, "thrift", _C, "m6", topic="社会主义核心价值观和移风易俗", content="《新时代公民道德建设实施纲要》"),
    Planned(9, "commend", _C, "secretary", "m6", topic="爱国主义教育", content="《新时代爱国主义教育实施纲要》"),
    Planned(9, "ecology", _C, "m5", "m7"),
    Planned(10, "services", _C, "deputy", "m5"),
    Planned(10, "village", _C, "m1", "e9 e10"),
    Planned(
        11,
        "plenum",
        f"{_C} enlarged_study",
        "secretary",
        "deputy m1",
        "全体成员，部门、村居负责人",
        topic="党中央重要会议精神",
        content="会议公报和有关文件",
    ),
    Planned(11, "rule_of_law", _C, "m2", "m4"),
    Planned(12, "plenum", "discussion", "deputy", "m5 m7", topic="党中央重要会议精神", content="会议公报和有关文件"),
    Planned(12, "economy", _C, "deputy", "m5"),
)

SUPPLEMENTS = (
    Supplement(
        "2020-02-24 10:00",
        "epidemic",
        "统筹推进疫情防控和经济社会发展工作部署会议精神",
        "习近平总书记在统筹推进新冠肺炎疫情防控和经济社会发展工作部署会议上的讲话",
        "2020年2月23日中央统筹推进疫情防控和经济社会发展工作部署会议",
        _C,
    ),
    Supplement(
        "2020-06-02 10:00",
        "code",
        "习近平总书记在中央政治局第二十次集体学习时的讲话",
        "充分认识颁布实施民法典重大意义",
        "2020年5月29日中央政治局第二十次集体学习",
        _C,
    ),
    Supplement(
        "2020-07-13 10:00",
        "governance",
        "《习近平谈治国理政》第三卷",
        "第三卷全书，结合《中国制度面对面》",
        "2020年6月第三卷出版发行；区委宣传部通知",
        _C,
    ),
    Supplement(
        "2020-07-23 10:00",
        "services",
        "习近平总书记在企业家座谈会上的讲话",
        "讲话全文",
        "2020年7月21日企业家座谈会",
        _C,
    ),
    Supplement(
        "2020-10-26 10:00",
        "party_day",
        "纪念中国人民志愿军抗美援朝出国作战70周年大会精神",
        "习近平总书记在纪念大会上的讲话",
        "2020年10月23日纪念大会",
        _C,
    ),
    Supplement(
        "2020-11-02 10:00",
        "plenum",
        "党的十九届五中全会精神",
        "全会公报和《建议》",
        "2020年10月26日至29日党的十九届五中全会",
        f"{_C} enlarged_study",
    ),
)


def _h(
    when: str, title: str, theme: str, leads: str, speakers: str = "", extra: str = "", everybody: bool = False
) -> Held:
    """One 集中学习, of further kinds as `extra` says."""
    online = "online" in extra
    place = "视频会议" if online else ""
    return Held(f"2020-{when}", title, theme, f"{_C} {extra}".strip(), leads, speakers, everybody, place, online=online)


_CONCENTRATED = (
    _h("01-08 09:00", "学习党的十九届四中全会《决定》", "system", "secretary", "m1"),
    _h("01-15 09:00", "学习“不忘初心、牢记使命”主题教育总结大会精神", "mission", "m3"),
    _h("01-22 09:00", "学习十九届中央纪委四次全会精神", "discipline", "m2"),
    Held(
        "2020-02-05 15:00",
        "学习关于疫情防控工作的重要指示",
        "epidemic",
        f"{_C} online",
        "secretary",
        "deputy",
        place="视频会议",
        online=True,
        register=False,
    ),
    _h("02-19 15:00", "学习依法防控、科学防控有关文件", "epidemic", "m6", "", "online"),
    _h("02-26 15:00", "学习统筹推进疫情防控和经济社会发展工作部署会议精神", "epidemic", "deputy", "m5", "online"),
    _h("03-04 09:00", "学习中央一号文件精神", "rural", "m1"),
    _h("03-11 09:00", "学习在决战决胜脱贫攻坚座谈会上的讲话", "poverty", "deputy", "m6"),
    _h("03-18 09:00", "疫情防控与基层治理专题研讨", "epidemic", "secretary", "m5 m6", "discussion"),
    _h("03-25 09:00", "学习复工复产政策文件", "epidemic", "m5"),
    _h("04-08 09:00", "学习总体国家安全观", "security", "m4"),
    _h("04-15 09:00", "学习《党委（党组）落实全面从严治党主体责任规定》", "discipline", "m2", "m1"),
    _h("04-29 09:00", "学习习近平总书记在浙江、陕西考察时的讲话", "ecology", "m7"),
    _h("05-06 09:00", "学习《中国共产党宣传工作条例》", "united", "propaganda"),
    _h("05-13 09:00", "学习意识形态工作责任制实施办法", "united", "propaganda", "m1"),
    _h("05-29 09:00", "学习全国两会精神", "congress", "deputy", "m5", "enlarged_study", True),
    _h("06-03 09:00", "学习在中央政治局第二十次集体学习时的讲话", "code", "m2"),
    _h("06-10 09:00", "《中华人民共和国民法典》专题辅导", "code", "m2", "m7", "expert_guidance", True),
    _h("06-17 09:00", "学习《中国共产党农村基层组织工作条例》", "organization_rules", "m3", "m1"),
    _h("07-01 09:00", "党委书记讲党课：守初心、担使命", "party_day", "secretary", "", "party_lecture", True),
    _h("07-15 09:00", "学习《习近平谈治国理政》第三卷（一）", "governance", "secretary", "m3"),
    _h("07-29 09:00", "学习在企业家座谈会上的讲话", "services", "m5"),
    _h("08-05 09:00", "2020年主题读书班（第一讲）", "governance", "propaganda", "m4", "reading_class", True),
    _h("08-06 09:00", "2020年主题读书班（第二讲）", "governance", "m3", "m6", "reading_class", True),
    _h("08-07 09:00", "2020年主题读书班（第三讲）", "governance", "deputy", "m1", "reading_class", True),
    _h("08-19 09:00", "学习制止餐饮浪费的重要指示", "thrift", "m6"),
    _h("09-09 09:00", "学习全国抗击新冠肺炎疫情表彰大会精神", "commend", "secretary", "m6"),
    _h("09-16 09:00", "学习习近平生态文明思想", "ecology", "m5", "m7"),
    _h("09-23 09:00", "《习近平谈治国理政》第三卷专题研讨", "governance", "secretary", "deputy m3", "discussion"),
    _h("10-14 09:00", "学习《优化营商环境条例》", "services", "deputy", "m5"),
    _h("10-21 09:00", "学习加强和改进乡村治理的指导意见", "village", "m1", "e9 e10", "enlarged_study", True),
    _h("10-28 09:00", "学习纪念抗美援朝出国作战70周年大会精神", "party_day", "m4"),
    _h("11-04 09:00", "学习党的十九届五中全会公报", "plenum", "secretary", "", "enlarged_study", True),
    _h("11-11 09:00", "学习《中国制度面对面》", "system", "propaganda", "m2"),
    _h("11-18 09:00", "学习“十四五”规划《建议》", "plenum", "deputy", "m1"),
    _h("11-25 09:00", "学习中央全面依法治国工作会议精神", "rule_of_law", "m2", "m4"),
    _h("12-23 09:00", "学习中央经济工作会议精神", "economy", "deputy", "m5"),
)

_OTHERS = (
    Held("2020-12-09 14:00", "“十四五”时期怎么干专题研讨", "plenum", "discussion", "deputy", "m5 m7"),
    # Not to be counted for 2020: the year before and after, one still a draft.
    Held("2019-12-31 23:30", "年末值班期间集中学习", "system", _C, "deputy", hours=1),
    Held("2021-01-01 07:30", "元旦值班期间集中学习", "economy", _C, "deputy", hours=1),
    Held("2020-12-16 09:00", "学习中央农村工作会议精神（拟）", "rural", _C, "m1", state="draft"),
)

_RECEIVERS = (
    "小南河村党委",
    "付村党委",
    "学府工业区党委",
    "党建工作办公室",
    "公共服务办公室",
    "公共安全办公室",
    "综合执法大队",
    "农业农村办公室",
    "各社区党组织",
)
_THIRD_VOLUME = (18, 16, 20, 9, 8, 8, 10, 7, 30)  # 126
_FACE_TO_FACE = (15, 14, 16, 8, 7, 7, 9, 6, 26)  # 108; together 234

HANDOUTS = (
    Handout(
        "《习近平谈治国理政》第三卷",
        "区委宣传部配发和自购",
        "2020-07-16",
        130,
        tuple((unit, "2020-07-20", copies) for unit, copies in zip(_RECEIVERS, _THIRD_VOLUME, strict=True)),
    ),
    Handout(
        "《中国制度面对面》",
        "自购",
        "2020-08-03",
        110,
        tuple((unit, "2020-08-05", copies) for unit, copies in zip(_RECEIVERS, _FACE_TO_FACE, strict=True)),
    ),
    Handout(
        "《习近平新时代中国特色社会主义思想学习纲要》",
        "区委宣传部配发",
        "2019-07-10",
        60,
        (("各社区党组织", "2019-12-27", 20),),
    ),
)

_PARTY_SCHOOL = "西青区委党校"
TALKS = (
    Talk(
        "jingwu",
        "jw-clerk",
        "2020-06-10 09:00",
        "民法典专题辅导报告会",
        "学习贯彻民法典，提高依法履职能力",
        "镇机关报告厅",
        60,
        "区司法局普法讲师（受邀）",
        "西青区司法局",
        "法治宣传讲师",
        "从事普法工作多年，课件经所在单位审核",
        "一、民法典的重大意义\n二、总则编要点\n三、与基层治理有关的条文",
        used=SAME_SCRIPT,
    ),
    Talk(
        "jingwu",
        "jw-clerk",
        "2020-08-06 14:00",
        "读书班专题辅导报告会",
        "《习近平谈治国理政》第三卷导读",
        "镇机关报告厅",
        70,
        "区委党校教师（受邀）",
        _PARTY_SCHOOL,
        "副教授",
        "区委宣讲团成员",
        "一、第三卷的主要内容\n二、学习方法\n三、联系精武镇实际谈落实",
        used="按区委宣讲提纲补充了两处最新表述，观点没有改动。",
    ),
    Talk(
        "jingwu",
        "jw-clerk",
        "2020-11-12 14:00",
        "党的十九届五中全会精神宣讲报告会",
        "十九届五中全会精神",
        "镇机关报告厅",
        120,
        "区委宣讲团成员（受邀）",
        "西青区委宣传部",
        "宣讲团成员",
        "区委统一选派",
        "一、全会的重大意义\n二、“十四五”目标任务\n三、基层怎样落实",
        used=SAME_SCRIPT,
    ),
    Talk(
        "jingwu-sub1",
        "jw-s1-office",
        "2020-07-03 19:00",
        "小南河村爱国主义教育报告会",
        "传承爱国武术文化，弘扬民族精神",
        "小南河村文化礼堂",
        80,
        "文史研究者（受邀）",
        "区文化和旅游系统",
        "研究馆员",
        "长期研究地方史志",
        "一、小南河的历史\n二、爱国精神的内涵\n三、怎样讲好家乡故事",
    ),
    Talk(
        "jingwu-sub1",
        "jw-s1-office",
        "2020-10-22 19:00",
        "乡村治理经验报告会",
        "村规民约与文明乡风",
        "小南河村文化礼堂",
        60,
        "先进村书记（受邀）",
        "邻镇先进村",
        "党支部书记",
        "所在村为市级文明村",
        "一、村规民约怎么定\n二、红白事怎么办\n三、矛盾怎么调",
    ),
    Talk(
        "jingwu-sub2",
        "jw-s2-office",
        "2020-09-17 15:00",
        "弘扬抗疫精神报告会",
        "学习抗疫先进事迹",
        "付村党群服务中心",
        50,
        "社区卫生服务中心医生（受邀）",
        "镇社区卫生服务中心",
        "主治医师",
        "曾参加一线防疫工作",
        "一、难忘的日日夜夜\n二、群众的力量\n三、常态化防控怎么做",
    ),
    Talk(
        "jingwu-sub3",
        "jw-s3-office",
        "2020-06-30 15:00",
        "安全生产与企业责任报告会",
        "安全生产法律法规和事故教训",
        "学府工业区会议中心",
        90,
        "安全工程师（受邀）",
        "区应急管理系统",
        "注册安全工程师",
        "区安全专家库成员",
        "一、典型事故剖析\n二、企业主体责任\n三、班组安全怎么抓",
    ),
    # Not to be counted: returned, a draft, and one held a year earlier.
    Talk(
        "jingwu-sub2",
        "jw-s2-office",
        "2020-12-04 15:00",
        "养生知识报告会",
        "冬季养生",
        "付村党群服务中心",
        40,
        "社会机构讲师",
        "某健康咨询机构",
        "讲师",
        "机构自行颁发的讲师证，无法核实",
        "一、冬季养生\n二、产品介绍",
        end="returned",
    ),
    Talk(
        "jingwu",
        "jw-clerk",
        "2020-12-29 14:00",
        "年度形势报告会（拟）",
        "经济形势",
        "镇机关报告厅",
        80,
        "待定",
        _PARTY_SCHOOL,
        "",
        "",
        "",
        end="draft",
    ),
    Talk(
        "jingwu",
        "jw-clerk",
        "2019-12-20 14:00",
        "党的十九届四中全会精神报告会",
        "十九届四中全会精神",
        "镇机关报告厅",
        100,
        "区委宣讲团成员（受邀）",
        "西青区委宣传部",
        "宣讲团成员",
        "区委统一选派",
        "一、全会的重大意义\n二、坚持和完善制度",
    ),
)

_WEEKLY_COLUMNS = ("理论微课堂", "书记领学", "精武学习汇", "身边榜样")
_PUSH_TOPICS = (
    "一图读懂{}",
    "{}：我们这样学",
    "基层宣讲员谈{}",
    "{}应知应会",
    "镇党委理论学习中心组学习{}",
)
_PUSH_SUBJECTS = (
    "十九届四中全会精神",
    "疫情防控知识",
    "复工复产政策",
    "脱贫攻坚精神",
    "国家安全教育",
    "全国两会精神",
    "民法典",
    "治国理政第三卷",
    "厉行节约",
    "抗疫精神",
    "五中全会精神",
)


def _pushes() -> tuple[tuple[str, str, str], ...]:
    """53 in 2020, one a week; two before and three after, which belong to other years."""
    found = [("2019-12-24", "年终学习回顾（上）", ""), ("2019-12-31", "年终学习回顾（下）", "")]
    day = date(2020, 1, 2)
    for number in range(53):
        title = _PUSH_TOPICS[number % 5].format(_PUSH_SUBJECTS[number * 11 // 53])
        found.append((day.isoformat(), f"{title}（第{number + 1}期）", _WEEKLY_COLUMNS[number % 4]))
        day += timedelta(days=7 if number < 51 else 6)
    found += [(f"2021-01-{day:02d}", f"新年第{n}课", "理论微课堂") for n, day in enumerate((1, 5, 12), start=1)]
    return tuple(found)


CHANNEL = Channel(
    "公众号“微励精武”",
    (
        ("理论微课堂", "2020-01-02"),
        ("书记领学", "2020-01-06"),
        ("精武学习汇", "2020-01-10"),
        ("身边榜样", "2020-01-17"),
    ),
    _pushes(),
)

LIBRARY = (
    Text("2020-01-07", "把我国制度优势更好转化为国家治理效能", "《求是》", "theory"),
    Text("2020-02-06", "打赢疫情防控的人民战争", "《人民日报》", "policy"),
    Text("2020-02-25", "分区分级精准复工复产", "学习强国", "policy"),
    Text("2020-03-11", "坚决克服新冠肺炎疫情影响", "《人民日报》", "theory"),
    Text("2020-04-14", "国家安全人人有责", "学习强国", "law"),
    Text("2020-05-12", "宣传工作条例要点解读", "《半月谈》", "party_rules"),
    Text("2020-06-02", "充分认识颁布实施民法典重大意义", "《求是》", "law"),
    Text("2020-07-14", "认真学好《习近平谈治国理政》第三卷", "《人民日报》", "theory"),
    Text("2020-08-18", "光盘行动再出发", "《半月谈》", "values"),
    Text("2020-09-15", "生态文明建设的基层实践", "《求是》", "theory"),
    Text("2020-10-13", "优化营商环境在路上", "学习强国", "reform", "city"),
    Text("2020-11-03", "迈向现代化新征程", "《人民日报》", "theory"),
    Text("2020-12-01", "西青区基层理论宣讲案例选", "区委宣传部", "other", "county"),
)

YEAR_2020 = TownYear(
    2020,
    "镇机关第一会议室",
    PLANNED,
    SUPPLEMENTS,
    _CONCENTRATED + _OTHERS,
    LIBRARY,
    HANDOUTS,
    CHANNEL,
    (("霍元甲纪念馆", "小南河村"),),
    (),
    TALKS,
    _HEAD,
)
