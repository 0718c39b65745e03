from materials.models.library import Book, Distribution, Material
from materials.models.likeness import Comparison, LikenessRule, LikePassage, TextPrint
from materials.models.outcome import Outcome
from materials.models.paper_kind import PaperKind
from materials.models.paper_request import PaperRequest, PaperRequestPerson
from materials.models.personal_study import PersonalStudy
from materials.models.publicity import PublicityColumn, PublicityPush
from materials.models.submission import Submission, SubmissionFile
from materials.models.wording import WordingEdition, WordingEntry, WordingSwitch

__all__ = [
    "Book",
    "Comparison",
    "Distribution",
    "LikePassage",
    "LikenessRule",
    "Material",
    "Outcome",
    "PaperKind",
    "PaperRequest",
    "PaperRequestPerson",
    "PersonalStudy",
    "PublicityColumn",
    "PublicityPush",
    "Submission",
    "SubmissionFile",
    "TextPrint",
    "WordingEdition",
    "WordingEntry",
    "WordingSwitch",
]
