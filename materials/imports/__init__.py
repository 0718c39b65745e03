"""What of this floor can be imported from a sheet."""

from accounts.sheets.description import register
from materials.imports.distributions import DistributionsImport
from materials.imports.wordings import WordingsImport


def register_all() -> None:
    register(DistributionsImport())
    register(WordingsImport())
