from django.apps import AppConfig


class SessionsAppConfig(AppConfig):
    name = "sessions_app"
    verbose_name = "学习活动"

    def ready(self) -> None:
        from accounts.actions.organizations import furnish
        from sessions_app import imports, panels, subjects
        from sessions_app.actions.rule import ensure_rules
        from sessions_app.lecture_panel import lecture_panel
        from sessions_app.measures import sources

        subjects.register_all()
        sources.register_all()
        furnish(ensure_rules)
        panels.register(lecture_panel)
        imports.register_all()
