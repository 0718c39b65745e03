"""卞桥镇 2020: stable year plan, monthly supplements, weekly meetings, 三元一体, teaching on site."""

from datetime import date, timedelta

from studygroup.demo.tables import SAME_SCRIPT, Case, Channel, Handout, Held, Planned, Supplement, Talk, Text, TownYear

_HEAD = {
    "guiding_thought": "以习近平新时代中国特色社会主义思想为指导，全面贯彻党的十九大和十九届二中、三中、四中全会精神，"
    "紧扣决胜全面建成小康社会、决战脱贫攻坚，学思用贯通，知信行统一。",
    "aims": "坚持思想理论和业务理论两手抓，以学习提素质、促工作，为全镇高质量发展提供思想保证。",
    "requirements": "一、坚持签到制和请假补学制。\n二、研讨材料经办公室初审、宣传委员复审、党委书记把关。\n"
    "三、落实“1112”工程：每天学习1小时以上，每月驻村蹲点1次以上，每季度读书1本以上，每年调研报告2篇以上。",
    "reading_list": "《习近平谈治国理政》第一、二卷\n《习近平新时代中国特色社会主义思想学习纲要》\n《中国共产党章程》",
    "questions": "一、怎样以党建引领乡村治理？\n二、怎样让脱贫成果经得起历史检验？",
}

PLANNED = (
    Planned(1, "system", "collective_study", "secretary deputy", "m1 m4"),
    Planned(
        2,
        "epidemic",
        "collective_study online",
        "secretary",
        "deputy m2",
        topic="年初重要会议和文件精神",
        content="中央、省、市年初重要会议文件",
    ),
    Planned(
        3,
        "poverty",
        "collective_study",
        "deputy",
        "m3 m5",
        topic="习近平总书记关于扶贫工作的重要论述",
        content="《习近平扶贫论述摘编》",
    ),
    Planned(3, "rural", "collective_study enlarged_study", "m3", "m4 e6", "全体成员，工作区、部门负责人"),
    Planned(3, "practice", "three_in_one weekly_meeting", "m1", "", "全体成员，工作区、部门负责人"),
    Planned(
        4,
        "discipline",
        "collective_study",
        "m2",
        "m1 propaganda",
        topic="党章党规党纪和全面从严治党",
        content="《中国共产党章程》；《中国共产党廉洁自律准则》",
    ),
    Planned(4, "party_day", "party_education", "propaganda"),
    Planned(5, "politics", "rotation_training enlarged_study", "m1", "m2", "全体成员，各村党支部书记"),
    Planned(5, "village", "study_visit", "m4"),
    Planned(6, "congress", "collective_study enlarged_study", "deputy", "m5 m3"),
    Planned(6, "code", "collective_study expert_guidance", "m2", "m5 propaganda"),
    Planned(7, "party_day", "collective_study party_lecture", "secretary", "m1"),
    Planned(
        7,
        "governance",
        "collective_study",
        "secretary propaganda",
        "m2 m4",
        topic="习近平新时代中国特色社会主义思想原著研读",
        content="《习近平谈治国理政》第一、二卷",
    ),
    Planned(
        8,
        "thrift",
        "weekly_meeting enlarged_study",
        "propaganda",
        topic="社会主义核心价值观和移风易俗",
        content="《新时代公民道德建设实施纲要》",
    ),
    Planned(
        9,
        "commend",
        "collective_study",
        "deputy",
        "m3 m5",
        topic="爱国主义教育",
        content="《新时代爱国主义教育实施纲要》",
    ),
    Planned(10, "politics", "rotation_training enlarged_study", "m1", "m5", "全体成员，各村党支部书记"),
    Planned(10, "village", "collective_study onsite_teaching", "m4", "m1 e9"),
    Planned(
        11,
        "plenum",
        "collective_study enlarged_study",
        "secretary",
        "deputy m3",
        topic="党中央重要会议精神",
        content="会议公报和有关文件",
    ),
    Planned(12, "economy", "collective_study", "deputy", "m4 m5"),
)

SUPPLEMENTS = (
    Supplement(
        "2020-01-14 09:00",
        "mission",
        "“不忘初心、牢记使命”主题教育总结大会精神",
        "习近平总书记在“不忘初心、牢记使命”主题教育总结大会上的讲话",
        "2020年1月8日“不忘初心、牢记使命”主题教育总结大会",
        "weekly_meeting enlarged_study",
    ),
    Supplement(
        "2020-02-24 09:00",
        "epidemic",
        "统筹推进新冠肺炎疫情防控和经济社会发展工作部署会议精神",
        "习近平总书记在统筹推进新冠肺炎疫情防控和经济社会发展工作部署会议上的讲话",
        "2020年2月23日中央统筹推进疫情防控和经济社会发展工作部署会议",
        "collective_study",
    ),
    Supplement(
        "2020-03-09 09:00",
        "poverty",
        "习近平总书记在决战决胜脱贫攻坚座谈会上的重要讲话",
        "讲话原文；市、县贯彻落实意见",
        "2020年3月6日决战决胜脱贫攻坚座谈会",
        "collective_study",
    ),
    Supplement(
        "2020-04-08 09:00",
        "discipline",
        "《党委（党组）落实全面从严治党主体责任规定》",
        "规定全文",
        "2020年3月中共中央办公厅印发的规定",
        "collective_study",
    ),
    Supplement(
        "2020-07-13 09:00",
        "governance",
        "《习近平谈治国理政》第三卷",
        "第三卷第一、三、八专题",
        "2020年6月第三卷出版发行；县委宣传部通知",
        "collective_study",
    ),
    Supplement(
        "2020-08-17 09:00",
        "thrift",
        "厉行节约、制止餐饮浪费",
        "习近平总书记对制止餐饮浪费行为作出的重要指示",
        "2020年8月11日重要指示；县委宣传部通知",
        "weekly_meeting",
        "county",
    ),
    Supplement(
        "2020-09-09 09:00",
        "commend",
        "全国抗击新冠肺炎疫情表彰大会精神",
        "习近平总书记在全国抗击新冠肺炎疫情表彰大会上的讲话",
        "2020年9月8日全国抗击新冠肺炎疫情表彰大会",
        "collective_study",
    ),
    Supplement(
        "2020-11-02 09:00",
        "plenum",
        "党的十九届五中全会精神",
        "全会公报和《建议》",
        "2020年10月26日至29日党的十九届五中全会",
        "collective_study enlarged_study",
    ),
    Supplement(
        "2020-11-23 09:00",
        "rule_of_law",
        "中央全面依法治国工作会议精神",
        "习近平总书记在中央全面依法治国工作会议上的讲话",
        "2020年11月16日至17日中央全面依法治国工作会议",
        "weekly_meeting",
    ),
)

_STUDY = "collective_study"
_SITES = (
    ("佟家庄岭违法建设治理和环境提升现场", "佟家庄村"),
    ("四好农村路项目建设现场", "南安靖村"),
    ("滩汪湖高效农业示范基地", "滩汪湖"),
    ("皂角广场", "蒋家庄村"),
    ("岱崮镇", "蒙阴县岱崮镇"),
    ("朱家林田园综合体", "沂南县"),
    ("115师在沂蒙纪念馆", ""),
    ("桃峪高干会议陈列馆", ""),
)

_SESSIONS = (
    Held("2020-01-10 14:30", "学习贯彻党的十九届四中全会精神", "system", _STUDY, "secretary deputy", "m1 m4"),
    Held(
        "2020-02-14 15:00",
        "学习习近平总书记关于疫情防控工作的重要讲话",
        "epidemic",
        f"{_STUDY} online",
        "secretary",
        "deputy m2",
        place="视频会议",
        online=True,
        register=False,
    ),
    Held(
        "2020-02-26 14:30",
        "学习统筹推进疫情防控和经济社会发展工作部署会议精神",
        "epidemic",
        _STUDY,
        "propaganda",
        "m3 m5",
    ),
    Held("2020-03-12 14:30", "学习在决战决胜脱贫攻坚座谈会上的重要讲话", "poverty", _STUDY, "deputy", "m3 m5"),
    Held("2020-03-27 14:30", "学习中央一号文件精神", "rural", f"{_STUDY} enlarged_study", "m3", "m4 e6", True),
    Held(
        "2020-04-17 14:30",
        "学习《党委（党组）落实全面从严治党主体责任规定》",
        "discipline",
        _STUDY,
        "m2",
        "m1 propaganda",
    ),
    Held(
        "2020-04-24 08:30",
        "赴115师在沂蒙纪念馆开展党性教育",
        "party_day",
        "party_education",
        "propaganda",
        place="115师在沂蒙纪念馆",
        site="115师在沂蒙纪念馆",
        hours=4,
    ),
    Held(
        "2020-04-28 09:00",
        "南安靖村四好农村路项目建设现场教学",
        "village",
        "onsite_teaching",
        "m4",
        place="南安靖村",
        site="四好农村路项目建设现场",
        guests=(("experience_sharing", "e10", "修路怎样把人心修到一起"),),
        everybody=True,
    ),
    Held(
        "2020-05-15 08:30",
        "《基层“政治建设”》专题轮训（第一期）",
        "politics",
        "rotation_training enlarged_study",
        "m1",
        "m2",
        True,
        "镇党校",
        hours=6,
    ),
    Held(
        "2020-05-29 08:00",
        "赴蒙阴县岱崮镇对标调研",
        "village",
        "study_visit",
        "m4",
        place="蒙阴县岱崮镇",
        site="岱崮镇",
        hours=8,
    ),
    Held("2020-06-05 14:30", "学习全国两会精神", "congress", f"{_STUDY} enlarged_study", "deputy", "m5 m3", True),
    Held(
        "2020-06-19 14:30",
        "学习《中华人民共和国民法典》",
        "code",
        f"{_STUDY} expert_guidance",
        "m2",
        "m5 propaganda",
        guests=(("guidance", "县委党校讲师", "民法典与基层治理"),),
    ),
    Held(
        "2020-06-24 09:00",
        "滩汪湖高效农业示范基地现场教学",
        "rural",
        "onsite_teaching enlarged_study",
        "m3",
        everybody=True,
        place="滩汪湖高效农业示范基地",
        site="滩汪湖高效农业示范基地",
        guests=(("onsite", "基层“土专家”", "设施蔬菜的种与卖"),),
    ),
    Held(
        "2020-07-01 09:00",
        "党委书记讲党课：传承沂蒙精神，走好新时代赶考路",
        "party_day",
        f"{_STUDY} party_lecture enlarged_study",
        "propaganda",
        "m1",
        True,
        guests=(("party_lecture", "secretary", "传承沂蒙精神，走好新时代赶考路"),),
    ),
    Held(
        "2020-07-10 08:30",
        "赴桃峪高干会议陈列馆开展党性教育",
        "party_day",
        "party_education",
        "m1",
        place="桃峪高干会议陈列馆",
        site="桃峪高干会议陈列馆",
        hours=4,
    ),
    Held("2020-07-24 14:30", "学习《习近平谈治国理政》第三卷", "governance", _STUDY, "secretary propaganda", "m2 m4"),
    Held(
        "2020-08-07 08:00",
        "赴沂南县朱家林田园综合体对标调研",
        "rural",
        "study_visit",
        "m3",
        place="沂南县朱家林",
        site="朱家林田园综合体",
        hours=8,
    ),
    Held("2020-09-11 14:30", "学习全国抗击新冠肺炎疫情表彰大会精神", "commend", _STUDY, "deputy", "m3 m5"),
    Held(
        "2020-09-18 09:00",
        "蒋家庄皂角广场现场教学",
        "village",
        "onsite_teaching",
        "m4",
        everybody=True,
        place="蒋家庄村",
        site="皂角广场",
        guests=(("experience_sharing", "e12", "一座广场聚起一村人"),),
    ),
    Held(
        "2020-10-16 08:30",
        "《基层“政治建设”》专题轮训（第二期）",
        "politics",
        "rotation_training enlarged_study",
        "m1",
        "m5",
        True,
        "镇党校",
        hours=6,
    ),
    Held(
        "2020-10-30 09:00",
        "乡村治理专题研讨暨佟家庄岭现场教学",
        "village",
        f"{_STUDY} onsite_teaching",
        "m4",
        "m1 e9",
        True,
        "佟家庄村",
        "佟家庄岭违法建设治理和环境提升现场",
        (("experience_sharing", "e9", "违建怎样拆得下、用得好"), ("experience_sharing", "e11", "支部带头管环境")),
        3,
    ),
    Held(
        "2020-11-06 14:30",
        "学习党的十九届五中全会精神",
        "plenum",
        f"{_STUDY} enlarged_study",
        "secretary",
        "deputy",
        True,
    ),
    Held("2020-12-25 14:30", "学习中央经济工作会议精神", "economy", _STUDY, "deputy", "m4 m5"),
    # Not to be counted for 2020: the year before and after, one still a draft.
    Held("2019-12-31 23:30", "年末值班期间集体学习研讨", "system", _STUDY, "deputy", "m1", hours=1),
    Held("2021-01-01 07:30", "元旦值班期间集体学习研讨", "economy", _STUDY, "deputy", "m2", hours=1),
    Held("2020-12-18 14:30", "意识形态工作专题学习", "united", _STUDY, "propaganda", state="draft"),
)

_THREE_IN_ONE = (
    ("2020-03-21", "复工复产中的服务", "m1", "e1"),
    ("2020-04-11", "支部书记怎样当好领头雁", "m2", "e9"),
    ("2020-05-23", "人居环境整治", "m4", "e10"),
    ("2020-06-13", "合作社带动增收", "m3", "e6"),
    ("2020-07-18", "防汛应急", "m5", "e2"),
    ("2020-08-22", "移风易俗", "propaganda", "e5"),
    ("2020-09-19", "矛盾纠纷化解", "m2", "e7"),
    ("2020-11-14", "秋冬季护林防火", "m3", "e11"),
)
# No Saturday meeting around the Spring Festival, at the height of the epidemic and in the October holiday.
_NO_MEETING = {date(2020, 1, 25), date(2020, 2, 1), date(2020, 2, 8), date(2020, 5, 2), date(2020, 10, 3)}


def _saturdays() -> tuple[Held, ...]:
    """每周六（扩大）学习暨周例会; on eight of them 三元一体."""
    themed = {day: (subject, analyst, guest) for day, subject, analyst, guest in _THREE_IN_ONE}
    found = []
    day = date(2020, 1, 4)
    while day.year == 2020:
        if day not in _NO_MEETING:
            found.append(_saturday(day, themed.get(day.isoformat())))
        day += timedelta(days=7)
    return tuple(found)


def _saturday(day: date, themed: tuple[str, str, str] | None) -> Held:
    when = f"{day.isoformat()} 08:30"
    if themed is None:
        title = f"（扩大）学习暨周例会（{day.month}月{day.day}日）"
        return Held(when, title, "weekly", "enlarged_study weekly_meeting", "propaganda", "", True, hours=1.5)
    subject, analyst, guest = themed
    agenda = (
        ("case_analysis", analyst, f"正反面案例：{subject}"),
        ("experience_sharing", guest, f"{subject}的过程、难点和办法"),
        ("reading_reflection", "propaganda", "本周读书体悟"),
    )
    kinds = "three_in_one enlarged_study weekly_meeting"
    return Held(when, f"“三元一体”学习：{subject}", "practice", kinds, "", "", True, guests=agenda)


CASES = (
    Case(
        "2020-03-21", True, "专班包联企业七天复工", "邵立群", "一企一策、现场办公，手续当天办结。", "推行项目代办员制度"
    ),
    Case("2020-03-21", False, "防疫卡口脱岗被通报", "程砚秋", "交接班无记录，责任人不在岗。", "卡口实行双人双签"),
    Case("2020-04-11", True, "尹家村党员带头清淤", "尹树德", "支部先开会后动手，党员分段包干。", "党员责任段上墙公示"),
    Case(
        "2020-04-11",
        False,
        "村务公开迟报三个月",
        "程砚秋",
        "以疫情为由拖延公开，群众产生误解。",
        "村务公开纳入季度检查",
    ),
    Case("2020-05-23", True, "佟家庄岭变休闲坡", "佟广岭", "拆后即绿，群众看见变化就支持。", "拆后空间一地一图"),
    Case("2020-05-23", False, "整治后反弹被曝光", "薛筑安", "重突击轻管护，保洁力量不足。", "划分保洁片区"),
    Case("2020-06-13", True, "滩汪湖订单种植", "石青禾", "统一供苗、统一销售，农户不愁卖。", "骨干合作社签单到户"),
    Case("2020-06-13", False, "盲目引种造成减收", "孟广田", "没有试种就推广，技术不到位。", "新品种先试种一季"),
    Case("2020-07-18", True, "提前转移无一伤亡", "葛明远", "预案到户、责任到人、喇叭先响。", "低洼户名册每季更新"),
    Case("2020-07-18", False, "排水沟堵塞致庭院进水", "丁守义", "汛前检查走过场。", "汛前清淤逐段验收"),
    Case("2020-08-22", True, "红白理事会节俭办事", "范学礼", "标准由村民定，理事会上门帮办。", "修订红白事简办标准"),
    Case("2020-08-22", False, "升学宴借机敛财", "程砚秋", "监督提醒不到位。", "节点前逐人提醒谈话"),
    Case("2020-09-19", True, "地邻纠纷三天调解", "顾正清", "先量地再说话，法理情理并用。", "调解回访一月一次"),
    Case("2020-09-19", False, "小矛盾拖成信访", "沈玉梅", "初次反映未登记，无人跟进。", "来访当日登记、三日回音"),
    Case("2020-11-14", True, "护林员分段巡山", "栾志刚", "定时定点、分段包干，交接有记录。", "重点时段加密巡查"),
    Case("2020-11-14", False, "烧秸秆引燃地堰", "孟广田", "宣传没有到地块。", "地块包保到党员"),
)

TALKS = (
    Talk(
        "bianqiao",
        "bq-clerk",
        "2020-06-19 14:30",
        "民法典与基层治理",
        "民法典颁布的意义和乡镇常见法律问题",
        "镇政府三楼会议室",
        30,
        "县委党校讲师（受邀）",
        "平邑县委党校",
        "讲师",
        "长期从事法学教学",
        "一、民法典的编纂历程\n二、物权与相邻关系\n三、婚姻家庭与继承\n四、乡镇执法应当注意的问题",
        "专题辅导",
        used=SAME_SCRIPT,
    ),
)

LIBRARY = (
    Text("2020-01-09", "以自我革命精神推进党的建设", "学习强国", "party_rules"),
    Text("2020-02-17", "在大战大考中交出合格答卷", "《人民日报》", "policy"),
    Text("2020-02-25", "统筹推进疫情防控和经济社会发展的辩证法", "《求是》", "theory"),
    Text("2020-03-10", "越到最后越要绷紧弦", "《人民日报》", "theory"),
    Text("2020-03-24", "一号文件里的增收路", "《半月谈》", "policy"),
    Text("2020-04-15", "把主体责任扛在肩上", "学习强国", "party_rules"),
    Text("2020-05-12", "政治建设是根本性建设", "《求是》", "party_rules"),
    Text("2020-06-16", "民法典走进百姓生活", "《半月谈》", "law"),
    Text("2020-07-22", "读懂新时代治国理政的思想指引", "《求是》", "theory"),
    Text("2020-08-19", "一粥一饭当思来处不易", "《人民日报》", "values"),
    Text("2020-09-10", "伟大抗疫精神的深刻内涵", "学习强国", "theory"),
    Text("2020-11-03", "描绘高质量发展的宏伟蓝图", "《人民日报》", "theory"),
)

HANDOUTS = (
    Handout(
        "《内部学习资料汇编》（2020年上半年）",
        "镇党政办公室编印",
        "2020-06-28",
        80,
        (
            ("第一工作区", "2020-07-01", 12),
            ("第二工作区", "2020-07-01", 12),
            ("第三工作区", "2020-07-01", 12),
            ("第四工作区", "2020-07-01", 12),
            ("各部门", "2020-07-03", 20),
        ),
    ),
)

CHANNEL = Channel(
    "公众号“卞桥发布”",
    (("理论学习", "2020-03-02"),),
    (
        ("2020-03-12", "镇党委理论学习中心组学习决战决胜脱贫攻坚座谈会精神", "理论学习"),
        ("2020-05-15", "卞桥镇举办《基层“政治建设”》专题轮训", "理论学习"),
        ("2020-07-01", "党委书记讲党课", "理论学习"),
        ("2020-10-30", "走进佟家庄岭：现场教学侧记", "理论学习"),
        ("2020-11-06", "认真学习宣传贯彻党的十九届五中全会精神", "理论学习"),
    ),
)

YEAR_2020 = TownYear(
    2020,
    "镇政府三楼会议室",
    PLANNED,
    SUPPLEMENTS,
    _SESSIONS + _saturdays(),
    LIBRARY,
    HANDOUTS,
    CHANNEL,
    _SITES,
    CASES,
    TALKS,
    _HEAD,
)
