import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.permissions import Role
from studygroup.demo.build import seed
from studygroup.demo.people import PASSWORD, SIGN_IN_PIN
from studygroup.lib.errors import Refused


class Command(BaseCommand):
    help = "写入演示数据（卞桥镇、精武镇 2020 年和今年），并打印演示账号。重复执行不会改变任何数据。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="输出 JSON")
        parser.add_argument("--yes-demo", action="store_true", help="DEBUG 未打开时也写入")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["yes_demo"]:
            raise CommandError("演示数据带有公开的账号和密码，不能写入正式环境。若确实是演示环境，请加 --yes-demo。")
        try:
            told = seed(timezone.now())
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        told = told | {"accounts": [account | {"password": PASSWORD} for account in told["accounts"]]}
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            self._print(told)

    def _print(self, told: dict[str, Any]) -> None:
        self.stdout.write("单位和学习组：")
        for unit in told["organizations"]:
            self.stdout.write(f"  {unit['group']:<12} {unit['name']}（上级：{unit['parent'] or '无'}）")
        self.stdout.write(f"演示账号（密码均为 {PASSWORD}，自助签到机的签到密码均为 {SIGN_IN_PIN}）：")
        for account in told["accounts"]:
            roles = "、".join(str(Role(role).label) for role in account["roles"]) or "系统管理员"
            groups = "、".join(account["groups"])
            self.stdout.write(f"  {account['username']:<18} {account['name']}　{account['title']}　{roles}　{groups}")
