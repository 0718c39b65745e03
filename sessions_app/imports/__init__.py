"""What of this floor can be imported from a sheet."""

from accounts.sheets.description import register
from sessions_app.imports.plan import PlanImport
from sessions_app.imports.sessions import SessionsImport


def register_all() -> None:
    register(PlanImport())
    register(SessionsImport())
