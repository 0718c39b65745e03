from django import forms

from sessions_app.models.plan import YEAR_RANGE
from studygroup.lib.forms import Form


class MakeReportForm(Form):
    """Which group and year to count. The view looks the group up among those the person may see."""

    group = forms.IntegerField(label="学习组", min_value=1, error_messages={"required": "请选择学习组。"})
    year = forms.IntegerField(
        label="年度",
        min_value=YEAR_RANGE[0],
        max_value=YEAR_RANGE[1],
        error_messages={
            "required": "请填写年度。",
            "invalid": "年度应是四位数字。",
            "min_value": f"年度应在 {YEAR_RANGE[0]} 到 {YEAR_RANGE[1]} 之间。",
            "max_value": f"年度应在 {YEAR_RANGE[0]} 到 {YEAR_RANGE[1]} 之间。",
        },
    )
