"""Who appears in the demo. Names are invented; units and places are those of the two townships' own reports."""

from dataclasses import dataclass

from accounts.models.organization import OrganizationLevel
from accounts.permissions import Role

PASSWORD = "Xuexi@2020"
SIGN_IN_PIN = "5027"  # of everybody, to try the shared computer in the hall


@dataclass(frozen=True)
class Unit:
    """An organisation with its study group. `above` is the slug of the group one level up."""

    slug: str
    name: str
    short_name: str
    level: str
    above: str = ""

    @property
    def group_name(self) -> str:
        return f"{self.name}理论学习中心组"


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    unit: str
    title: str
    category: Role | None = None
    roles: tuple[Role, ...] = ()
    department: str = ""


UNITS = (
    Unit("pingyi", "平邑县委", "平邑县", OrganizationLevel.COUNTY),
    Unit("xiqing", "西青区委", "西青区", OrganizationLevel.COUNTY),
    Unit("bianqiao", "卞桥镇党委", "卞桥镇", OrganizationLevel.TOWNSHIP, "pingyi"),
    Unit("jingwu", "精武镇党委", "精武镇", OrganizationLevel.TOWNSHIP, "xiqing"),
    Unit("jingwu-sub1", "小南河村党委", "小南河村", OrganizationLevel.SUBORDINATE, "jingwu"),
    Unit("jingwu-sub2", "付村党委", "付村", OrganizationLevel.SUBORDINATE, "jingwu"),
    Unit("jingwu-sub3", "学府工业区党委", "学府工业区", OrganizationLevel.SUBORDINATE, "jingwu"),
)

_M, _E, _O = Role.MEMBER, Role.EXTENDED, Role.OBSERVER


def _leaders(prefix: str, unit: str, secretary: str, deputy: str, propaganda: str) -> tuple[Person, ...]:
    return (
        Person(f"{prefix}-secretary", secretary, unit, "党委书记", _M, (Role.LEADER,)),
        Person(f"{prefix}-deputy", deputy, unit, "党委副书记、镇长", _M, (Role.DEPUTY_LEADER,)),
        Person(f"{prefix}-propaganda", propaganda, unit, "党委委员、宣传委员", _M, (Role.STUDY_SECRETARY,)),
    )


def _office(prefix: str, unit: str, head: str, clerk: str) -> tuple[Person, ...]:
    """The head of the office makes the first review; the clerk drafts what then comes before him."""
    return (
        Person(f"{prefix}-office", head, unit, "党政办公室主任", _O, (Role.OFFICE,), "党政办公室"),
        Person(f"{prefix}-clerk", clerk, unit, "党政办公室干事", None, (Role.OFFICE,), "党政办公室"),
    )


def _numbered(
    prefix: str, letter: str, unit: str, category: Role, rows: tuple[tuple[str, str, str], ...]
) -> tuple[Person, ...]:
    return tuple(
        Person(f"{prefix}-{letter}{number}", name, unit, title, category, (), department)
        for number, (name, title, department) in enumerate(rows, start=1)
    )


BIANQIAO_PEOPLE = (
    *_leaders("bq", "bianqiao", "高景行", "邵立群", "林书雁"),
    *_numbered(
        "bq",
        "m",
        "bianqiao",
        _M,
        (
            ("庄克勤", "党委委员、组织委员", ""),
            ("程砚秋", "党委委员、纪委书记", ""),
            ("孟广田", "副镇长（农业农村）", ""),
            ("薛筑安", "副镇长（村镇建设）", ""),
            ("葛明远", "人大主席", ""),
        ),
    ),
    *_numbered(
        "bq",
        "e",
        "bianqiao",
        _E,
        (
            ("朱延河", "工作区主任", "第一工作区"),
            ("丁守义", "工作区主任", "第二工作区"),
            ("沈玉梅", "工作区主任", "第三工作区"),
            ("栾志刚", "工作区主任", "第四工作区"),
            ("范学礼", "文化站站长", "文化站"),
            ("石青禾", "农业综合服务中心主任", "农业综合服务中心"),
            ("顾正清", "司法所所长", "司法所"),
            ("韩慧敏", "社会事务办公室主任", "社会事务办公室"),
            ("佟广岭", "佟家庄村党支部书记", "佟家庄村"),
            ("安修路", "南安靖村党支部书记", "南安靖村"),
            ("尹树德", "尹家村党支部书记", "尹家村"),
            ("蒋荣发", "蒋家庄村党支部书记", "蒋家庄村"),
        ),
    ),
    *_office("bq", "bianqiao", "宋文博", "段小禾"),
)

JINGWU_PEOPLE = (
    *_leaders("jw", "jingwu", "郑怀民", "穆成栋", "叶知秋"),
    *_numbered(
        "jw",
        "m",
        "jingwu",
        _M,
        (
            ("贺守诚", "党委副书记（专职）", ""),
            ("冯建彬", "党委委员、纪委书记", ""),
            ("苏静怡", "党委委员、组织委员", ""),
            ("康铁生", "党委委员、武装部部长", ""),
            ("罗启航", "副镇长（经济发展）", ""),
            ("白雪莹", "副镇长（民生保障）", ""),
            ("方为民", "人大主席", ""),
        ),
    ),
    *_numbered(
        "jw",
        "e",
        "jingwu",
        _E,
        (
            ("曲东升", "党建工作办公室主任", "党建工作办公室"),
            ("姚佩兰", "公共服务办公室主任", "公共服务办公室"),
            ("窦海波", "公共安全办公室主任", "公共安全办公室"),
            ("祁连山", "综合执法大队大队长", "综合执法大队"),
            ("汤淑媛", "退役军人服务站站长", "退役军人服务站"),
            ("乔振宇", "农业农村办公室主任", "农业农村办公室"),
            ("尚海燕", "财政所所长", "财政所"),
            ("戚光耀", "统计站站长", "统计站"),
            ("霍长河", "小南河村党委书记", "小南河村"),
            ("付春生", "付村党委书记", "付村"),
            ("甄学府", "学府工业区党委书记", "学府工业区"),
            ("裴丽君", "社区党总支书记", "社区"),
            ("卢克俭", "文化服务中心主任", "文化服务中心"),
            ("车晓峰", "网格化管理中心主任", "网格化管理中心"),
        ),
    ),
    *_office("jw", "jingwu", "秦子墨", "文一帆"),
    Person("jw-s1-office", "霍晓云", "jingwu-sub1", "党务干事", _M, (Role.OFFICE,)),
    Person("jw-s1-secretary", "霍占元", "jingwu-sub1", "党委副书记", _M, (Role.LEADER,)),
    Person("jw-s2-office", "付佳音", "jingwu-sub2", "党务干事", _M, (Role.OFFICE,)),
    Person("jw-s2-secretary", "付国安", "jingwu-sub2", "党委副书记", _M, (Role.LEADER,)),
    Person("jw-s3-office", "甄文静", "jingwu-sub3", "党务干事", _M, (Role.OFFICE,)),
    Person("jw-s3-secretary", "耿立言", "jingwu-sub3", "党委副书记", _M, (Role.LEADER,)),
)

SUPERVISOR = Person("county-supervisor", "毕远志", "pingyi", "理论学习巡听旁听组成员", None, (Role.SUPERVISOR,))
ADMINISTRATOR = Person("sysadmin", "系统管理员", "", "", None, ())
EVERYBODY = (*BIANQIAO_PEOPLE, *JINGWU_PEOPLE, SUPERVISOR, ADMINISTRATOR)
