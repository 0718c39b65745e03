from reviews.actions.advance import Point, advance, fingerprint, open_case, open_points

__all__ = ["Point", "advance", "fingerprint", "open_case", "open_points"]
