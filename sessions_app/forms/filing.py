from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms.records import RecordForm
from sessions_app.actions.filing import Receipt
from sessions_app.models import Filing
from sessions_app.models.plan import YEAR_RANGE
from studygroup.lib.files import ACCEPT, check_upload


class ReceiptField(forms.FileField):
    """Cleaned: a Receipt, or None when nothing was chosen."""

    def clean(self, data: Any, initial: Any = None) -> Receipt | None:
        if not data:
            return None
        try:
            return Receipt(data, check_upload(data))
        except ValidationError as error:
            # Not the error itself: its traceback keeps what was being read.
            raise ValidationError(error.messages) from None


class FilingForm(RecordForm):
    """报备: to whom, when, and the receipt that came back."""

    pairs = (("subject", "year"), ("filed_to", "filed_on"))

    year = forms.IntegerField(label="年度", min_value=YEAR_RANGE[0], max_value=YEAR_RANGE[1])
    upload = ReceiptField(
        label="回执",
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text="盖章回执的扫描件或照片；没有可以不传，以后再补。本系统只处理非涉密材料。",
    )

    class Meta:
        model = Filing
        fields = ["group", "subject", "year", "filed_to", "filed_on", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["filed_to"].help_text = "例如：县委宣传部。"
        self.fields["year"].help_text = "所报内容的年度：报上一年的情况报告，填上一年。"
        if self.instance.receipt_name:
            self.fields["upload"].help_text = f"现有回执：{self.instance.receipt_name}。选择新文件就换成新的。"

    @property
    def receipt(self) -> Receipt | None:
        return self.cleaned_data.get("upload")
