from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "年度统计"

    def ready(self) -> None:
        import reports.statistics.session_panel
        import reports.tasks  # noqa: F401  registers the job handlers
        from accounts.panels import OwnPage, register_own_page

        note = "一年参加学习、发言、写材料、读书的情况，述学时可以下载。"
        register_own_page(OwnPage("我的学习档案", "study_file_own", note, beside="study_list"))
