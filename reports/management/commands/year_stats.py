import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import StudyGroup
from reports.statistics import Figure, year_figures
from sessions_app.models.plan import YEAR_RANGE


def plain(figure: Figure) -> dict[str, Any]:
    """What scripts read; numerator and denominator only where the figure is a rate."""
    data = asdict(figure)
    optional = {name: data[name] for name in ("numerator", "denominator") if data[name] is not None}
    return (
        {name: data[name] for name in ("code", "label", "unit", "value", "display")}
        | optional
        | {"evidence": data["evidence"]}
    )


class Command(BaseCommand):
    help = "打印一个学习组一年的统计数字及其依据。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--group", required=True, help="学习组代号，例如 bianqiao")
        parser.add_argument("--year", required=True, type=int, help="年度，例如 2020")
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        year = options["year"]
        if not YEAR_RANGE[0] <= year <= YEAR_RANGE[1]:
            raise CommandError(f"年度应在 {YEAR_RANGE[0]} 到 {YEAR_RANGE[1]} 之间，现在是 {year}。")
        group = StudyGroup.objects.filter(slug=options["group"]).first()
        if group is None:
            known = "、".join(StudyGroup.objects.values_list("slug", flat=True)) or "（还没有学习组）"
            raise CommandError(f"没有代号为“{options['group']}”的学习组。现有：{known}")
        figures = year_figures(group, year)
        if options["json"]:
            self.stdout.write(json.dumps([plain(figure) for figure in figures], ensure_ascii=False, indent=1))
            return
        self.stdout.write(f"{group.name} {year}年度")
        for figure in figures:
            self.stdout.write(
                f"  {figure.label}\t{figure.display}{figure.unit}\t依据 {len(figure.evidence.ids)} 条\t{figure.code}"
            )
