from reviews.actions.advance import Point, advance, fingerprint, open_case, open_points, overtaken
from reviews.actions.note import add_note
from reviews.actions.opening import note_opening, note_outcome
from reviews.actions.who import may

__all__ = [
    "Point",
    "add_note",
    "advance",
    "fingerprint",
    "may",
    "note_opening",
    "note_outcome",
    "open_case",
    "open_points",
    "overtaken",
]
