"""What of this floor passes 两审一把关."""

from django.urls import reverse

from accounts.permissions import Permission
from reviews.chain import State
from reviews.subjects import SubjectKind, register

ANNUAL_PLAN = "annual_plan"
MONTHLY_PLAN = "monthly_plan"
PLAN_SUPPLEMENT = "plan_supplement"
LECTURE = "lecture"
PLAN_STEPS = (State.SECOND_REVIEW, State.FINAL_GATE)  # the office drafts; 学习秘书 checks, 书记 审定


def register_all() -> None:
    register(
        SubjectKind(
            ANNUAL_PLAN,
            "年度学习计划",
            lambda case: reverse("annual_plan_of_case", args=[case]),
            PLAN_STEPS,
            Permission.EDIT_PLANS,
        )
    )
    register(
        SubjectKind(
            MONTHLY_PLAN,
            "月度学习安排",
            lambda case: reverse("monthly_plan_of_case", args=[case]),
            PLAN_STEPS,
            Permission.EDIT_PLANS,
        )
    )
    register(
        SubjectKind(
            PLAN_SUPPLEMENT,
            "补充学习内容",
            lambda case: reverse("plan_supplement_of_case", args=[case]),
            (State.FINAL_GATE,),  # 组长 alone 审定: what came down this week cannot wait for the whole plan
            Permission.EDIT_PLANS,
        )
    )
    register(
        SubjectKind(
            LECTURE,
            "报告会、授课",
            lambda case: reverse("lecture_of_case", args=[case]),
            editors=Permission.MANAGE_SESSIONS,
            stays_in_force=False,  # what changes must not be held before it is approved again
            author_label="经办人",
        )
    )
