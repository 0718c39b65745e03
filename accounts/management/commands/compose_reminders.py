from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.actions.reminder import compose


class Command(BaseCommand):
    help = "生成当天的提醒（每天 7:30 由后台自动生成；重复执行不会生成两份）。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", help="日期，例如 2020-09-27；默认今天。")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            day = date.fromisoformat(options["day"]) if options["day"] else timezone.localdate()
        except ValueError as error:
            raise CommandError("日期请写成 2020-09-27 的样子。") from error
        added = compose(day=day, by=None, at=timezone.now())
        self.stdout.write(f"{day}：新增 {added} 条提醒。")
