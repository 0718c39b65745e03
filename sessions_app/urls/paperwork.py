from django.urls import path

from sessions_app.views import paperwork as views
from sessions_app.views import paperwork_plan, session_record

urlpatterns = [
    path("sessions/<int:pk>/record/", session_record.session_record, name="session_record"),
    path("sessions/<int:pk>/papers/", views.session_papers, name="session_papers"),
    path("sessions/<int:pk>/papers/<slug:paper>/", views.session_paper, name="session_paper"),
    path("sessions/<int:pk>/papers/<slug:paper>/word/", views.session_paper_word, name="session_paper_word"),
    path("plans/<int:pk>/paper/", paperwork_plan.annual_plan_paper, name="annual_plan_paper"),
    path("plans/<int:pk>/word/", paperwork_plan.annual_plan_word, name="annual_plan_word"),
    path("plans/months/<int:pk>/paper/", paperwork_plan.monthly_plan_paper, name="monthly_plan_paper"),
    path("plans/months/<int:pk>/word/", paperwork_plan.monthly_plan_word, name="monthly_plan_word"),
]
