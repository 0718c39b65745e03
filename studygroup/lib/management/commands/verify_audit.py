from django.core.management.base import BaseCommand, CommandError

from studygroup.lib import audit


class Command(BaseCommand):
    help = "核对操作记录：已封存的记录中任何一条被改动、抽走或调换，都会指出来。"

    def handle(self, **options) -> None:
        sealed = audit.seal(limit=10_000_000)
        faults = audit.verify()
        for fault in faults:
            self.stdout.write(f"第 {fault.number} 条：{fault.message}")
        if faults:
            raise CommandError(f"发现 {len(faults)} 处不一致。")
        self.stdout.write(f"操作记录完整。本次新封存 {sealed} 条。")
