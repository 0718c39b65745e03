from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "studygroup.lib"
    label = "lib"
    verbose_name = "后台任务与操作记录"
