"""One plain INSERT for the rows that every change or every sign-in writes."""

from collections.abc import Sequence
from functools import cache

from django.db import connection, models


@cache
def _statement(model: type[models.Model], unless_taken: Sequence[str]) -> tuple[str, list[models.Field]]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names, marks = ", ".join(field.column for field in fields), ", ".join("%s" for _ in fields)
    conflict = f"ON CONFLICT ({', '.join(unless_taken)}) DO NOTHING" if unless_taken else ""
    table = model._meta.db_table
    return f"INSERT INTO {table} ({names}) VALUES ({marks}) {conflict} RETURNING id", fields  # noqa: S608


def insert(row: models.Model, *, unless_taken: tuple[str, ...] = ()) -> bool:
    """Store a new row; `unless_taken` names columns (with a unique constraint) that another row may have taken already.

    Says whether it was stored. The ORM builds the same statement anew for every row; here it is built once.
    """
    statement, fields = _statement(type(row), unless_taken)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        stored = cursor.fetchone()
    if stored is None:
        return False
    row.pk, row._state.adding, row._state.db = stored[0], False, connection.alias
    return True
