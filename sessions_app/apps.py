from django.apps import AppConfig


class SessionsAppConfig(AppConfig):
    name = "sessions_app"
    verbose_name = "学习活动"

    def ready(self) -> None:
        from sessions_app.subjects import register_all

        register_all()
