from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StudyGroupConfig(AppConfig):
    name = "studygroup"
    verbose_name = "理论学习中心组"


class AdminSite(AdminConfig):
    default_site = "studygroup.admin.AdministratorSite"
