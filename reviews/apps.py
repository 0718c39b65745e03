from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "两审一把关"

    def ready(self) -> None:
        from reviews import reminders

        reminders.register_all()
