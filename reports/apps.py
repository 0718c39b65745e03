from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "年度统计"

    def ready(self) -> None:
        import reports.statistics.session_panel
        import reports.tasks  # noqa: F401  registers the job handlers
