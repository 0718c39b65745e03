from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "人员与单位"

    def ready(self) -> None:
        from accounts import imports
        from accounts.panels import OwnPage, register_own_page

        register_own_page(OwnPage("我的提醒", "my_reminders", "每天最多一份：要交的材料、要补的学习、等您审核的。"))
        imports.register_all()
