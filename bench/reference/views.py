"""What each of the three requests cannot do without, in plain SQL: who asks, may he, the rows, the audit row."""

import json
from datetime import timedelta

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.template import engines
from django.urls import path
from django.utils import timezone

from bench.reference.codes import digits_of_key

OFFICE = ("office", "study_secretary", "leader")
PAGE = engines["django"].from_string(
    """<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>学习材料</title></head><body>
<h1>学习材料</h1><table>{% for row in rows %}<tr><td><a href="/submissions/{{ row.0 }}/">{{ row.1 }}</a></td>
<td>{{ row.2 }}</td><td>{{ row.3 }}</td><td>{{ row.4|date:"Y-m-d" }}</td><td>{{ row.5 }}</td></tr>{% endfor %}</table>
<p>共 {{ total }} 条</p></body></html>"""
)


def one(cursor, sql: str, *values):
    cursor.execute(sql, values)
    return cursor.fetchone()


def roles_of(cursor, user_id: int) -> dict[int, set[str]]:
    today = timezone.localdate()
    cursor.execute(
        """SELECT group_id, category FROM accounts_membership
           WHERE user_id = %s AND starts_on <= %s AND (ends_on IS NULL OR ends_on >= %s)
           UNION ALL SELECT group_id, role FROM accounts_appointment
           WHERE user_id = %s AND starts_on <= %s AND (ends_on IS NULL OR ends_on >= %s)""",
        [user_id, today, today] * 2,
    )
    roles: dict[int, set[str]] = {}
    for group_id, role in cursor.fetchall():
        roles.setdefault(group_id, set()).add(role)
    return roles


def record(cursor, action: str, target: str, target_id: int, user_id: int, group_id: int, detail: dict) -> None:
    cursor.execute(
        """INSERT INTO lib_auditentry (at, actor_id, action, target_type, target_id, group_id, address, detail)
           VALUES (%s, %s, %s, %s, %s, %s, '127.0.0.1', %s)""",
        [timezone.now(), user_id, action, target, target_id, group_id, json.dumps(detail)],
    )


def sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    with connection.cursor() as cursor:
        user_id = request.user.pk
        found = one(
            cursor,
            """SELECT s.group_id, s.sign_in_key, s.state, s.starts_at, g.late_after_minutes, p.category
               FROM sessions_app_studysession s
               JOIN accounts_studygroup g ON g.id = s.group_id
               JOIN sessions_app_participant p ON p.session_id = s.id AND p.person_id = %s WHERE s.id = %s""",
            user_id,
            pk,
        )
        group_id, key, state, starts_at, late_after, category = found
        if state != "called" or request.POST["code"] not in digits_of_key(pk, key, now):
            return HttpResponseForbidden()
        late = now > starts_at + timedelta(minutes=late_after)
        with transaction.atomic():
            row = one(
                cursor,
                """INSERT INTO sessions_app_attendance
                   (session_id, person_id, status, leave_reason, source, is_counted, at, entered_by_id, note, device)
                   VALUES (%s, %s, %s, '', 'code', %s, %s, %s, '', '') ON CONFLICT DO NOTHING RETURNING id""",
                pk,
                user_id,
                "late" if late else "present",
                category != "observer",
                now,
                user_id,
            )
            if row:
                record(cursor, "attendance.register", "sessions_app.attendance", row[0], user_id, group_id, {"s": 1})
    return HttpResponseRedirect(request.path)


def submissions(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        user_id = request.user.pk
        groups = [group for group, roles in roles_of(cursor, user_id).items() if roles & set(OFFICE)]
        rows = """FROM materials_submission s JOIN reviews_reviewcase c ON c.id = s.review_id
                  WHERE s.group_id = ANY(%s) AND c.state <> 'draft'"""
        (total,) = one(cursor, f"SELECT COUNT(*) {rows}", groups)
        cursor.execute(
            f"""SELECT s.id, s.title, u.name, s.kind, s.written_on, c.state {
                rows.replace("WHERE", "JOIN accounts_user u ON u.id = s.author_id WHERE")
            }
                ORDER BY s.written_on DESC, s.id DESC LIMIT 50""",
            [groups],
        )
        return HttpResponse(PAGE.render({"rows": cursor.fetchall(), "total": total}))


def verdict(request: HttpRequest, pk: int) -> HttpResponse:
    seen, now = int(request.POST["seen_version"]), timezone.now()
    with connection.cursor() as cursor:
        user_id = request.user.pk
        roles = roles_of(cursor, user_id)
        group_id, author, handed_in_by, round_, state, version = one(
            cursor,
            """SELECT group_id, author_id, handed_in_by_id, round, state, version
               FROM reviews_reviewcase WHERE id = %s""",
            pk,
        )
        if state != "first_review" or "office" not in roles.get(group_id, ()) or user_id in (author, handed_in_by):
            return HttpResponseForbidden()
        with transaction.atomic():
            cursor.execute(
                """SELECT subject_version_id, id FROM reviews_reviewopening
                   WHERE case_id = %s AND seen_version = %s AND by_id = %s""",
                [pk, seen, user_id],
            )
            number, opening = cursor.fetchone()
            cursor.execute(
                """UPDATE reviews_reviewcase SET state = 'second_review', version = version + 1, state_since = %s
                   WHERE id = %s AND version = %s AND state = 'first_review'""",
                [now, pk, seen],
            )
            assert cursor.rowcount == 1
            assert version == seen
            cursor.execute(
                """INSERT INTO reviews_reviewentry (case_id, round, subject_version_id, move, from_state, to_state, by_id,
                   author_id, handed_in_by_id, comment, point_count, at, opening_id)
                   VALUES (%s, %s, %s, 'pass', 'first_review', 'second_review', %s, %s, %s, %s, 0, %s, %s)""",
                [pk, round_, number, user_id, author, handed_in_by, request.POST["comment"], now, opening],
            )
            record(cursor, "review.pass", "reviews.reviewcase", pk, user_id, group_id, {"state": "second_review"})
    return HttpResponseRedirect("/reviews/")


urlpatterns = [
    path("sessions/<int:pk>/sign-in/", sign_in),
    path("submissions/", submissions),
    path("reviews/<int:pk>/pass/", verdict),
]
