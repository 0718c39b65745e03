from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.permissions import Permission
from reviews.models.case import ReviewCase, ReviewVersion, seen_as_delegate


class ReviewNoteQuerySet(models.QuerySet["ReviewNote"]):
    def visible_to(self, user) -> "ReviewNoteQuerySet":
        """Among those who judge or read the papers of the group that judges; never who wrote or ever handed it in."""
        among = Q(case__group__in=user.authority.groups_with(Permission.READ_PAPERS))
        handed_in = ReviewVersion.objects.filter(case=OuterRef("case"), submitted_by=user)
        rows = self.filter(among | seen_as_delegate(user, "case__")).exclude(Exists(handed_in))
        return rows.exclude(case__author=user).exclude(case__handed_in_by=user)


class ReviewNote(models.Model):
    """内部备注: what reviewers tell one another about a case. Its author never sees it, and it is never printed."""

    case = models.ForeignKey(ReviewCase, models.PROTECT, related_name="notes", verbose_name="审核件")
    round = models.PositiveIntegerField("第几轮")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填写人")
    at = models.DateTimeField("时间")
    text = models.TextField("备注", max_length=1000)

    objects = ReviewNoteQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "内部备注"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:30]


def may_read_notes(case: ReviewCase, user: User) -> bool:
    """Judges or reads the papers of the group that judges, and neither wrote nor ever handed in this one."""
    if user.pk in (case.author_id, case.handed_in_by_id):
        return False
    among = user.authority.allows(Permission.READ_PAPERS, case.group_id)
    if not among and not ReviewCase.objects.filter(seen_as_delegate(user), pk=case.pk).exists():
        return False
    return not ReviewVersion.objects.filter(case=case, submitted_by=user).exists()
