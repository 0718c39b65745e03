from typing import Any

from django import forms
from django.contrib import admin

from reviews.chain import ALL_STEPS
from reviews.models import ReviewCase, ReviewEntry, ReviewRoute, ReviewVersion
from reviews.subjects import labels
from studygroup.lib.admin import ReadOnlyAdmin, RecordedAdmin

for model in (ReviewCase, ReviewVersion, ReviewEntry):
    admin.site.register(model, ReadOnlyAdmin)


class ReviewRouteForm(forms.ModelForm):
    """Steps are ticked; they are passed in the order of 两审一把关. Cases already open keep theirs."""

    kind = forms.ChoiceField(label="类别")
    steps = forms.MultipleChoiceField(
        label="环节", choices=[(str(step), step.label) for step in ALL_STEPS], widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ReviewRoute
        fields = ["group", "kind", "steps"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = labels()


@admin.register(ReviewRoute)
class ReviewRouteAdmin(RecordedAdmin):
    form = ReviewRouteForm
    list_display = ["group", "kind", "steps"]
