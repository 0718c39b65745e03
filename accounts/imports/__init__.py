"""What of this floor can be imported from a sheet."""

from accounts.imports.roster import RosterImport
from accounts.sheets.description import register


def register_all() -> None:
    register(RosterImport())
