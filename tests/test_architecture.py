"""The house rules a machine can check. Imports between floors and rooms are import-linter's (pyproject.toml)."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(settings.BASE_DIR)
FLOORS = {"lib": 0, "accounts": 1, "reviews": 2, "sessions_app": 3, "materials": 4, "reports": 5, "studygroup": 6}
PRODUCT = [name for name in FLOORS if name != "lib"]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@cache
def modules() -> dict[str, ast.Module]:
    """Path from the root → syntax tree, for every module of the product."""
    paths = (path for package in PRODUCT for path in sorted((ROOT / package).rglob("*.py")))
    return {str(p.relative_to(ROOT)): ast.parse(p.read_text()) for p in paths if "migrations" not in p.parts}


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, kinds):
                yield path, node


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in FLOORS]


def test_there_is_something_to_check():
    assert len(modules()) > 80
    assert len(own_models()) > 20
    assert len(TEMPLATES) > 40


# -- Python ------------------------------------------------------------------


def test_no_signals():
    """What happens is written where it happens; the one worker signal of Celery starts the sweeper."""
    signals = re.compile(r"(^|\.)(signals|dispatch)$|receiver")
    found = set()
    for path, node in nodes(ast.ImportFrom):
        named = [node.module or "", *(alias.name for alias in node.names)]
        if any(signals.search(name) for name in named):
            found.add((path, node.module))
    assert found == {("studygroup/celery.py", "celery.signals")}


def test_no_model_overrides_save_or_delete():
    overriding = {(m.__name__, name) for m in own_models() for name in ("save", "delete") if name in vars(m)}
    assert overriding == set()


def test_no_generic_foreign_keys():
    assert [m for m in own_models() if any(isinstance(f, GenericForeignKey) for f in m._meta.private_fields)] == []


# Rooms that may ask what time it is; everybody below is told `at=`.
MAY_READ_THE_CLOCK = re.compile(
    r"/(views|management)/|/(admin|tasks|middleware)\.py$|^studygroup/views\.py$"
    r"|^studygroup/lib/(jobs|files|once)\.py$"
)
CLOCK = {"now", "localdate", "localtime", "today", "utcnow"}
# `User.authority` is always today's; the account's own creation date is a column default.
CLOCK_EXCEPTIONS = {("accounts/models/user.py", "localdate"), ("accounts/models/user.py", "now")}


def _reads_clock(node: ast.AST) -> str | None:
    """`timezone.now` in any use, or `localdate()` and its like without a moment to convert."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not (node.args or node.keywords):
        return node.func.attr if node.func.attr in CLOCK else None
    if (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("timezone", "datetime")
    ):
        return node.attr if node.attr in ("now", "utcnow") else None
    return None


def test_below_views_commands_and_tasks_nobody_reads_the_clock():
    found = {
        (path, name)
        for path, node in nodes(ast.Call, ast.Attribute)
        if not MAY_READ_THE_CLOCK.search(path) and (name := _reads_clock(node))
    }
    assert found == CLOCK_EXCEPTIONS


def test_identifiers_are_ascii():
    found = set()
    for path, node in nodes(ast.Name, ast.arg, ast.FunctionDef, ast.ClassDef, ast.Attribute, ast.keyword):
        for field in ("id", "arg", "name", "attr"):
            name = getattr(node, field, None)
            if isinstance(name, str) and not name.isascii():
                found.add((path, name))
    assert found == set()


def test_actions_are_told_by_whom_in_words():
    """`by=` is keyword-only in every action: nobody can confuse the actor with another person."""
    loose = [
        (path, function.name)
        for path, function in nodes(ast.FunctionDef)
        if "/actions/" in path
        and not function.name.startswith("_")
        and any(argument.arg == "by" for argument in function.args.args)
    ]
    assert loose == []


def test_no_class_based_views():
    """But for Django's own pages of login and password."""
    found = {
        (path, node.module)
        for path, node in nodes(ast.ImportFrom)
        if (node.module or "").startswith("django.views.generic")
    }
    assert found == set()


# -- models ------------------------------------------------------------------


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model.__name__)
def test_a_model_says_in_chinese_what_it_is(model):
    assert CHINESE.match(model.__doc__ or "")
    assert CHINESE.search(str(model._meta.verbose_name))


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model.__name__)
def test_foreign_keys_point_down(model):
    here = FLOORS[model._meta.app_label]
    for field in model._meta.get_fields():
        if not field.is_relation or field.auto_created or field.related_model is None:
            continue
        there = field.related_model._meta
        if there.label == settings.AUTH_USER_MODEL and here == 0:
            continue  # Django's own seam: who did it
        assert FLOORS.get(there.app_label, 0) <= here, f"{field.name} → {there.label}"


# -- templates ---------------------------------------------------------------


def _floors_of_names() -> dict[str, int]:
    """Name of a route → the floor its view lives on."""
    floors = {}
    for name, view in _named(get_resolver().url_patterns):
        package, _, rest = view.partition(".")
        floors[name] = FLOORS["lib"] if package == "studygroup" and rest.startswith("lib") else FLOORS.get(package, 1)
    return floors


def _named(patterns: list) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if str(pattern.pattern) != "admin/":
                yield from _named(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name, pattern.callback.__module__


# Whose page a folder of templates is; what lies in no folder (layout, home, error pages) is the roof's.
FOLDER_FLOOR = {"registration": 1, "records": 1, "components": 0, "jobs": 5, "admin": 6} | FLOORS
# The way home is open to everybody.
EVERYWHERE = {"home", "login", "logout"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_is_plain_and_links_only_down(path):
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\|\s*safe\b|{%\s*autoescape\s+off", text), "escaping stays on"
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text), "no inline script"
    assert not re.search(r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", text), "no inline style or handler"
    assert not re.search(r"(src|href|action)\s*=\s*[\"'](https?:)?//", text), "nothing from elsewhere"
    relative = path.relative_to(ROOT / "templates")
    here = FOLDER_FLOOR[relative.parts[0]] if len(relative.parts) > 1 else FLOORS["studygroup"]
    floors = _floors_of_names()
    linked = set(re.findall(r"{%\s*url\s+[\"']([\w-]+)[\"']", text)) - EVERYWHERE
    assert {name for name in linked if name not in floors} == set(), "a name that does not exist"
    assert {name for name in linked if floors[name] > here} == set(), "a link upward"


def test_style_sheets_and_scripts_load_nothing_from_elsewhere():
    ours = [p for p in (ROOT / "static").rglob("*") if p.suffix in {".css", ".js", ".svg"}]
    assert ours
    strangers = re.compile(r"(url\(|import\s|fetch\(|src=|@import)\s*[\"'(]?\s*(https?:)?//")
    assert [p.name for p in ours if strangers.search(p.read_text())] == []
    assert [p.name for p in ours if re.search(r"\beval\(|new Function\(", p.read_text())] == []


# -- words -------------------------------------------------------------------


@cache
def known_words() -> set[str]:
    """Every name defined in the product, with its members after a dot, and every slug."""
    words: set[str] = set()
    for path, tree in modules().items():
        module = Path(path).stem if Path(path).stem != "__init__" else Path(path).parent.name
        words |= {module, *Path(path).parts[:-1]}
        words |= {f"{module}.{name}" for name in _defined(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                words |= {node.name, *(f"{node.name}.{name}" for name in _defined(node))}
            elif isinstance(node, ast.FunctionDef):
                words.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                words.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
    return words


def _defined(scope: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in scope.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def test_every_word_of_the_glossary_exists():
    glossary = (ROOT / "docs/glossary.md").read_text()
    rows = "\n".join(line for line in glossary.splitlines() if line.startswith("|"))
    named = re.findall(r"`([^`]+)`", rows)
    assert len(named) > 60
    assert [word for word in named if word not in known_words()] == []
