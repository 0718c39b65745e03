from reviews.models.case import ReturnPoint, ReviewCase, ReviewEntry, ReviewRoute, ReviewVersion

__all__ = ["ReturnPoint", "ReviewCase", "ReviewEntry", "ReviewRoute", "ReviewVersion"]
