from django.urls import path

from sessions_app.views import plan as views

urlpatterns = [
    path("plans/", views.plan_list, name="plan_list"),
    path("plans/new/", views.plan_create, name="plan_create"),
    path("plans/<int:pk>/", views.annual_plan_detail, name="annual_plan_detail"),
    path("plans/<int:pk>/edit/", views.annual_plan_edit, name="annual_plan_edit"),
    path("plans/<int:pk>/submit/", views.annual_plan_submit, name="annual_plan_submit"),
    path("plans/<int:pk>/revise/", views.annual_plan_revise, name="annual_plan_revise"),
    path("plans/of-case/<int:case>/", views.annual_plan_of_case, name="annual_plan_of_case"),
    path("plans/months/<int:pk>/", views.monthly_plan_detail, name="monthly_plan_detail"),
    path("plans/months/<int:pk>/edit/", views.monthly_plan_edit, name="monthly_plan_edit"),
    path("plans/months/<int:pk>/submit/", views.monthly_plan_submit, name="monthly_plan_submit"),
    path("plans/months/<int:pk>/revise/", views.monthly_plan_revise, name="monthly_plan_revise"),
    path("plans/months/<int:pk>/supplement/", views.monthly_plan_supplement, name="monthly_plan_supplement"),
    path("plans/months/of-case/<int:case>/", views.monthly_plan_of_case, name="monthly_plan_of_case"),
]
