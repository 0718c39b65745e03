"""Two people in one plan: the second sees, cell by cell, what stands there now, and keeps everything he typed."""

from collections.abc import Iterable, Mapping
from typing import Any

from sessions_app.forms.plan import ItemForm, ItemFormSet, item_formset
from sessions_app.models import PlanItem

EMPTY = "（空）"


def table_beside(form: type[ItemForm], data: Any, stored: Iterable[PlanItem]) -> ItemFormSet:
    """The table as it was typed, with what is stored marked at its rows.

    A row somebody else added joins the table, so that saving again does not remove it; a row somebody else removed is
    marked, because saving again brings it back.
    """
    items = {item.pk: item for item in stored}
    data, joined = _with_unseen(form, data, items)
    table = item_formset(form, data)
    table.is_valid()  # compares what the cells mean, not how they were typed
    for row in table.forms:
        item = items.get(row.cleaned_data.get("id") or 0)
        row.is_joined = item is not None and item.pk in joined
        row.is_gone = item is None and bool(row.cleaned_data.get("id")) and not row.is_blank
        row.stored = {} if item is None or row.is_joined else _differing(row, item)
    return table


def _with_unseen(form: type[ItemForm], data: Any, items: Mapping[int, PlanItem]) -> tuple[Any, set[int]]:
    data = data.copy()
    count = int(data["rows-TOTAL_FORMS"])
    seen = {data.get(f"rows-{index}-id", "") for index in range(count)}
    unseen = [item for item in items.values() if str(item.pk) not in seen]
    blank = item_formset(form).empty_form
    for index, item in enumerate(unseen, start=count):
        data[f"rows-{index}-id"] = str(item.pk)
        data[f"rows-{index}-position"] = str(index + 1)
        for name in form.columns:
            data[f"rows-{index}-{name}"] = _text(blank, item, name)
    data["rows-TOTAL_FORMS"] = str(count + len(unseen))
    return data, {item.pk for item in unseen}


def _differing(row: ItemForm, item: PlanItem) -> dict[str, str]:
    """Column → what is stored, where it is not what was typed."""
    return {
        name: _text(row, item, name) or EMPTY
        for name in row.columns
        if _plain(row.cleaned_data.get(name)) != _plain(_value(item, name))
    }


def _value(item: PlanItem, name: str) -> Any:
    return list(item.kinds.all()) if name == "kinds" else getattr(item, name)


def _text(row: ItemForm, item: PlanItem, name: str) -> str:
    return str(row.fields[name].prepare_value(_value(item, name)) or "")


def _plain(value: Any) -> Any:
    """A cell's meaning: line ends as browsers send them and the order of kinds do not count."""
    if isinstance(value, list):
        return {kind.pk for kind in value}
    return "\n".join(value.splitlines()).strip() if isinstance(value, str) else value


def head_beside(form: Any, stored: Any) -> dict[str, str]:
    """Label → what is stored, for the words around the table that differ from what was typed."""
    return {
        str(form.fields[name].label): getattr(stored, name) or EMPTY
        for name in form._meta.fields
        if _plain(form.cleaned_data.get(name)) != _plain(getattr(stored, name))
    }
