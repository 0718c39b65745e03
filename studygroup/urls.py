from django.conf.urls import handler400, handler403, handler404, handler500  # noqa: F401
from django.contrib import admin
from django.urls import include, path

from reports.urls import dossier_urlpatterns, job_urlpatterns, study_file_urlpatterns
from studygroup import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("", include("sessions_app.urls")),  # before the others for its first lines: signing in
    path("", include("accounts.urls")),
    path("", include("reviews.urls")),
    path("", include("materials.urls")),
    path("", include("materials.urls.paper_request")),
    path("reports/", include("reports.urls")),
    path("dossiers/", include(dossier_urlpatterns)),
    path("", include(study_file_urlpatterns)),
    path("jobs/", include(job_urlpatterns)),
    path("admin/", admin.site.urls),
]
