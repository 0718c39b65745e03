from django.apps import AppConfig


class MaterialsConfig(AppConfig):
    name = "materials"
    verbose_name = "资料与成果"

    def ready(self) -> None:
        import materials.tasks  # noqa: F401  registers the job handlers
        from materials import imports, measures, panels, reminders, subjects
        from materials.asking_panel import item_action, requests_of
        from materials.likeness_panel import likeness_of
        from materials.wording_panel import wording_beside
        from reviews.panels import register
        from sessions_app.panels import register as register_on_session
        from sessions_app.panels import register_item_action

        register_item_action(item_action)
        register_on_session(requests_of)
        subjects.register_all()
        measures.register_all()
        imports.register_all()
        panels.register_all()
        reminders.register_all()
        register(likeness_of)
        register(wording_beside)
