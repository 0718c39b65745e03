import json

from django.core.management.base import BaseCommand

from studygroup.routes import Route, all_routes


class Command(BaseCommand):
    help = "列出每个地址：方法、规则、能进入的角色、表单字段。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", help="输出 JSON；否则输出 Markdown 表格。")

    def handle(self, *, json: bool, **options) -> None:
        rows = [describe(route) for route in all_routes()]
        self.stdout.write(as_json(rows) if json else as_markdown(rows))


def describe(route: Route) -> dict:
    declared = route.declaration
    return {
        "route": f"/{route.path}",
        "name": route.name,
        "methods": list(declared.methods) if declared else [],
        "rule": declared.rule.code if declared else None,
        "rule_label": declared.rule.label if declared else "没有声明",
        "roles": route.roles(),
        "fields": sorted(getattr(declared.form, "base_fields", ())) if declared and declared.form else [],
    }


def as_json(rows: list[dict]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=2)


def as_markdown(rows: list[dict]) -> str:
    lines = ["| 地址 | 方法 | 规则 | 角色 | 表单字段 |", "|---|---|---|---|---|"]
    for row in rows:
        cells = [f"`{row['route']}`", " ".join(row["methods"]), row["rule_label"], "、".join(row["roles"])]
        lines.append(f"| {' | '.join(cells)} | {'、'.join(row['fields'])} |".replace("||", "\\|\\|"))
    return "\n".join(lines)
