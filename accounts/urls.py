from django.contrib.auth import views as auth
from django.urls import path

from accounts.forms.people import LoginForm
from accounts.views import people
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
    path("people/", people.roster, name="roster"),
    path("people/new/", people.newcomer, name="newcomer"),
    path("people/<int:pk>/", people.membership_edit, name="membership_edit"),
]
