from django.apps import AppConfig


class SessionsAppConfig(AppConfig):
    name = "sessions_app"
    verbose_name = "学习活动"

    def ready(self) -> None:
        from accounts.actions.organizations import furnish
        from accounts.panels import OwnPage, register_own_page
        from sessions_app import imports, panel_sources, panels, reminders, subjects
        from sessions_app.actions.rule import ensure_rules
        from sessions_app.lecture_panel import lecture_panel
        from sessions_app.measures import sources

        register_own_page(OwnPage("日历订阅", "my_calendar", "把要参加的学习放进手机、电脑的日历。"))
        subjects.register_all()
        sources.register_all()
        furnish(ensure_rules)
        panels.register(lecture_panel)
        panel_sources.register_all()
        imports.register_all()
        reminders.register_all()
