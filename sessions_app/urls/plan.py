from django.urls import path

from sessions_app.views import plan, plan_edit, plan_versions, plan_year, supplement

urlpatterns = [
    path("plans/", plan_year.plan_list, name="plan_list"),
    path("plans/new/", plan.plan_create, name="plan_create"),
    path("plans/<int:pk>/", plan_year.annual_plan_detail, name="annual_plan_detail"),
    path("plans/<int:pk>/edit/", plan_edit.annual_plan_edit, name="annual_plan_edit"),
    path("plans/<int:pk>/submit/", plan.annual_plan_submit, name="annual_plan_submit"),
    path("plans/<int:pk>/revise/", plan.annual_plan_revise, name="annual_plan_revise"),
    path("plans/<int:pk>/restore/", plan.annual_plan_restore, name="annual_plan_restore"),
    path("plans/<int:pk>/versions/", plan_versions.annual_plan_versions, name="annual_plan_versions"),
    path("plans/of-case/<int:case>/", plan.annual_plan_of_case, name="annual_plan_of_case"),
    path("plans/months/<int:pk>/", plan.monthly_plan_detail, name="monthly_plan_detail"),
    path("plans/months/<int:pk>/edit/", plan_edit.monthly_plan_edit, name="monthly_plan_edit"),
    path("plans/months/<int:pk>/submit/", plan.monthly_plan_submit, name="monthly_plan_submit"),
    path("plans/months/<int:pk>/revise/", plan.monthly_plan_revise, name="monthly_plan_revise"),
    path("plans/months/<int:pk>/restore/", plan.monthly_plan_restore, name="monthly_plan_restore"),
    path("plans/months/<int:pk>/versions/", plan_versions.monthly_plan_versions, name="monthly_plan_versions"),
    path("plans/months/of-case/<int:case>/", plan.monthly_plan_of_case, name="monthly_plan_of_case"),
    path("plans/months/<int:pk>/supplement/", supplement.monthly_plan_supplement, name="monthly_plan_supplement"),
    path("plans/supplements/<int:pk>/", supplement.plan_supplement_detail, name="plan_supplement_detail"),
    path("plans/supplements/<int:pk>/edit/", supplement.plan_supplement_edit, name="plan_supplement_edit"),
    path("plans/supplements/<int:pk>/submit/", supplement.plan_supplement_submit, name="plan_supplement_submit"),
    path("plans/supplements/<int:pk>/discard/", supplement.plan_supplement_discard, name="plan_supplement_discard"),
    path("plans/supplements/of-case/<int:case>/", supplement.plan_supplement_of_case, name="plan_supplement_of_case"),
]
