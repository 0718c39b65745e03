from materials.models.library import Book, Distribution, Material
from materials.models.publicity import PublicityColumn, PublicityPush
from materials.models.submission import Submission, SubmissionFile

__all__ = [
    "Book",
    "Distribution",
    "Material",
    "PublicityColumn",
    "PublicityPush",
    "Submission",
    "SubmissionFile",
]
