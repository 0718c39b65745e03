"""工作台: what waits for one person, gathered from all floors with a fixed number of queries."""

from datetime import datetime

from accounts.models import User
from accounts.permissions import Permission, Role
from studygroup.asked import to_urge, to_write
from studygroup.desk.board import Desk, Task
from studygroup.desk.office import lights_of, office_of
from studygroup.desk.own import corrections_of, make_ups_of, outcomes_of, papers_of, sessions_of
from studygroup.desk.reviewing import reviews_of
from studygroup.desk.visits import observations_of
from studygroup.first_steps import first_steps_of
from studygroup.lib.clock import local_date
from studygroup.overseen import overseen_by


def desk_of(user: User, at: datetime) -> Desk:
    authority = user.authority
    desk = Desk(may_write=authority.holds(Permission.WRITE_PAPERS))
    desk.studies = any(roles & {Role.MEMBER, Role.EXTENDED} for roles in authority.roles.values())
    sessions_of(desk, user, at)
    reviews_of(desk, user, at)
    papers_of(desk, user, at)
    if authority.holds(Permission.MANAGE_SESSIONS):
        office_of(desk, user, at)
        desk.office += [Task(*line) for line in to_urge(user, local_date(at))]
        desk.first_steps = first_steps_of(user, local_date(at))
    desk.today += [Task(*line) for line in to_write(user, local_date(at))]
    make_ups_of(desk, user, at)
    corrections_of(desk, user, at)
    outcomes_of(desk, user, at)
    if authority.oversees:
        observations_of(desk, user, at)
    lights_of(desk, user, at)
    if not authority.holds(Permission.WRITE_PAPERS):
        desk.supervised = overseen_by(user, local_date(at))
    return desk
