from django.contrib.auth import views as auth
from django.urls import path

from accounts.forms.people import LoginForm
from accounts.views import imports, people, reminder
from accounts.views.password import PasswordChange
from studygroup.lib.access import PUBLIC, SIGNED_IN, access

urlpatterns = [
    path(
        "login/",
        access(PUBLIC, "GET POST", form=LoginForm)(
            auth.LoginView.as_view(authentication_form=LoginForm, redirect_authenticated_user=True)
        ),
        name="login",
    ),
    path("logout/", access(PUBLIC, "POST")(auth.LogoutView.as_view()), name="logout"),
    path("me/", people.me, name="me"),
    path("me/password/", access(SIGNED_IN, "GET POST")(PasswordChange.as_view()), name="password_change"),
    path("me/pin/", people.pin_change, name="pin_change"),
    path("me/reminders/", reminder.my_reminders, name="my_reminders"),
    path("outbox/", reminder.outbox, name="outbox"),
    path("outbox/<int:pk>/tell/", reminder.reminder_tell, name="reminder_tell"),
    path("outbox/lines/<int:pk>/drop/", reminder.reminder_line_drop, name="reminder_line_drop"),
    path("people/", people.roster, name="roster"),
    path("people/new/", people.newcomer, name="newcomer"),
    path("people/<int:pk>/", people.membership_edit, name="membership_edit"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/<int:pk>/", imports.import_detail, name="import_detail"),
    path("imports/<int:pk>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<int:pk>/mend/", imports.import_mend, name="import_mend"),
    path("imports/<int:pk>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<int:pk>/abandon/", imports.import_abandon, name="import_abandon"),
    path("imports/<int:pk>/wrong.xlsx", imports.import_wrong_rows, name="import_wrong_rows"),
    path("imports/<slug:kind>/", imports.import_start, name="import_start"),
    path("imports/<slug:kind>/template.xlsx", imports.import_template, name="import_template"),
]
