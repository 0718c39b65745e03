from django.urls import path

from sessions_app.views import rule as views

urlpatterns = [
    path("rules/", views.light_list, name="light_list"),
    path("rules/<int:pk>/draft/", views.light_draft, name="light_draft"),
    path("rules/standards/", views.rule_list, name="rule_list"),
    path("rules/<int:pk>/new/", views.rule_new, name="rule_new"),
    path("rules/<int:pk>/edit/", views.rule_edit, name="rule_edit"),
    path("rules/<int:pk>/switch/", views.rule_switch, name="rule_switch"),
]
