from materials.models.library import Book, Distribution, Material
from materials.models.personal_study import PersonalStudy
from materials.models.publicity import PublicityColumn, PublicityPush
from materials.models.submission import Submission, SubmissionFile

__all__ = [
    "Book",
    "Distribution",
    "Material",
    "PersonalStudy",
    "PublicityColumn",
    "PublicityPush",
    "Submission",
    "SubmissionFile",
]
