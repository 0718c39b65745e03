import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.actions import imports as actions
from accounts.models import ImportBatch, StudyGroup, User
from accounts.sheets.description import Description, description_of, descriptions
from accounts.sheets.reading import ReadSheet, read_batch
from studygroup.lib.clock import local_date
from studygroup.lib.errors import Refused
from studygroup.lib.files import check_upload
from studygroup.lib.office.sheets import read_workbook, refuse_other_tables


class Command(BaseCommand):
    help = "从 .xlsx 表格导入计划、名单、学习台账或发放登记；有错时不写入，退出码不为 0。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="表格文件（.xlsx）")
        parser.add_argument("--group", required=True, help="学习组代号，例如 bianqiao")
        parser.add_argument("--kind", required=True, choices=[one.slug for one in descriptions()], help="导入什么")
        parser.add_argument("--year", type=int, help="年度；计划必填，其他用于没有写年份的日期")
        parser.add_argument("--month", type=int, help="某个月的安排（只用于计划）")
        parser.add_argument("--sheet", default="", help="工作表名称；不写则自动选")
        parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="页面上的其他选项")
        parser.add_argument("--dry-run", action="store_true", help="只核对，不写入")
        parser.add_argument("--skip-errors", action="store_true", help="有错的行不导入，其余导入")
        parser.add_argument("--json", action="store_true", help="输出 JSON")
        parser.add_argument("--as", dest="username", help="以谁的名义导入（用户名）；不写则用有权限的人")

    def handle(self, *args: Any, **options: Any) -> None:
        description = description_of(options["kind"])
        assert description is not None
        group = StudyGroup.objects.filter(slug=options["group"]).first()
        if group is None:
            known = "、".join(StudyGroup.objects.values_list("slug", flat=True)) or "（还没有学习组）"
            raise CommandError(f"没有代号为“{options['group']}”的学习组。现有：{known}")
        by = _somebody(options["username"], description, group)
        try:
            batch, sheet = self._import(description, group, by, options)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        self._tell(batch, sheet, options)
        if (sheet.wrong or sheet.blocks) and not options["skip_errors"]:
            raise CommandError("有错，没有导入。请在表格里改好再导入，或加 --skip-errors 只导入没有错的行。")

    def _import(
        self, description: Description, group: StudyGroup, by: User, options: dict[str, Any]
    ) -> tuple[ImportBatch, ReadSheet]:
        now = timezone.now()
        with transaction.atomic():
            batch = actions.start_import(
                description=description,
                group=group,
                grids=read_workbook(_content(options["file"])),
                file_name=options["file"].name,
                options=_answers(description, options, now),
                by=by,
                at=now,
                sheet=options["sheet"],
            )
            sheet = read_batch(batch)
            is_good = not sheet.blocks and (options["skip_errors"] or not sheet.wrong)
            if is_good and not options["dry_run"]:
                batch = actions.confirm(batch=batch, by=by, at=now, leave_wrong=options["skip_errors"])
            else:
                transaction.set_rollback(True)
        return batch, sheet

    def _tell(self, batch: ImportBatch, sheet: ReadSheet, options: dict[str, Any]) -> None:
        cells = [cell for row in sheet.rows if not row.why_not for cell in row.cells.values()]
        told = {
            "state": "dry_run" if options["dry_run"] else batch.state,
            "batch": batch.pk if batch.confirmed_at else None,
            "sheet": batch.sheet_name,
            "counts": sheet.counts(),
            "errors": [{"cell": c.address, "text": c.text, "message": c.message} for c in cells if c.level == "error"],
            "warnings": [
                {"cell": c.address, "text": c.text, "message": c.message} for c in cells if c.level == "warning"
            ],
            "problems": [{"level": p.level, "message": p.message} for p in sheet.problems],
            "left_out": [{"row": row.name, "why": row.why_not} for row in sheet.left_out],
            "left_columns": [{"column": a, "heading": h, "why": w} for a, h, w in sheet.left_columns],
        }
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        counts = sheet.counts()
        self.stdout.write(
            f"共 {counts['rows']} 行：新增 {counts['new']}，更新 {counts['changed']}，不变 {counts['same']}，"
            f"有错 {counts['wrong']}，请核对 {counts['warned']}，不导入 {counts['left_out']}"
        )
        for problem in sheet.problems:
            self.stdout.write(f"  {'错误' if problem.level == 'error' else '注意'}　{problem.message}")
        for cell in cells:
            if cell.level:
                self.stdout.write(f"  {'错误' if cell.level == 'error' else '警告'} {cell.address}　{cell.message}")
        for row in sheet.left_out:
            self.stdout.write(f"  不导入 第{row.name}　{row.why_not}")
        for address, heading, why in sheet.left_columns:
            self.stdout.write(f"  不导入 {address}“{heading}”　{why}")


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise CommandError(f"找不到文件：{path}")
    refuse_other_tables(path.name)
    upload = SimpleUploadedFile(path.name, path.read_bytes())
    try:
        check_upload(upload)
    except ValidationError as error:
        raise CommandError("；".join(error.messages)) from error
    return upload.read()


def _answers(description: Description, options: dict[str, Any], now: Any) -> dict[str, str]:
    asked = {one.name: one.initial for one in description.options(local_date(now))}
    given = {name: str(options[name]) for name in ("year", "month") if options[name] is not None and name in asked}
    for pair in options["option"]:
        name, _, value = pair.partition("=")
        if name not in asked:
            raise CommandError(f"没有“{name}”这个选项。可用：{'、'.join(asked)}")
        given[name] = value
    return {**asked, **given, "asked_on": str(local_date(now))}


def _somebody(username: str | None, description: Description, group: StudyGroup) -> User:
    """Whoever is named, or the first person appointed here who may."""
    people = User.objects.filter(is_active=True)
    if username:
        user = people.filter(username=username).first()
        if user is None:
            raise CommandError(f"没有用户名为“{username}”的人员。")
        return user
    for user in people.filter(appointments__group=group).order_by("pk").distinct():
        if user.authority.allows(description.permission, group.pk):
            return user
    raise CommandError(f"{group.name}还没有能“{description.permission.label}”的人员，请先任命，或用 --as 指明。")
