from django.urls import path

from sessions_app.views import settings, site

urlpatterns = [
    path("sites/", site.site_list, name="site_list"),
    path("sites/new/", site.site_new, name="site_new"),
    path("sites/<int:pk>/", site.site_detail, name="site_detail"),
    path("sites/<int:pk>/edit/", site.site_edit, name="site_edit"),
    path("sites/<int:pk>/remove/", site.site_remove, name="site_remove"),
    path("groups/<int:pk>/settings/", settings.group_settings, name="group_settings"),
    path("groups/<int:pk>/steps/", settings.group_steps, name="group_steps"),
    path("groups/<int:pk>/deadlines/", settings.group_deadlines, name="group_deadlines"),
]
