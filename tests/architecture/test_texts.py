"""Every text that a person can meet is marked for translation; the rule fails on planted violations."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.utils.functional import Promise

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("survey_site", "analysis", "questionnaires", "sampling")
WITHOUT_CATALOGUES = (
    "analysis/estimation", "analysis/weighting", "analysis/quality", "analysis/index", "analysis/par",
    "sampling/design", "sampling/engine", "sampling/proof", "questionnaires/schema", "analysis/shell",
    "questionnaires/exchange",
)  # fmt: skip
"""Pure cores and what runs on them alone: no framework, so no gettext; adapters translate their codes."""

FOR_DEVELOPERS = {
    "analysis/services/bridges.py": "a statistic that the form of the page does not offer",
    "analysis/viewsets/desk.py": "a view that asks for its form before there is one",
    "questionnaires/access_codes.py": "the form tells in its own words what is wrong with a code",
    "questionnaires/open_tokens.py": "the pages tell in their own words what is wrong with a token",
    "questionnaires/receipt_keys.py": "a seal in a database that somebody has changed",
    "questionnaires/selectors/lookup.py": "a wrong call of a query",
    "questionnaires/fieldwork/keys.py": "the form tells in its own words which keys there are",
    "sampling/services/households.py": "the caller tells in the words of the page what is missing",
    "sampling/services/replacement_records.py": "asked only of a unit that replaces another one",
    "sampling/methods/__init__.py": "read by whoever writes a method file, inside a frame",
    "sampling/methods/fields.py": "read by whoever writes a method file, inside a frame",
    "sampling/methods/template.py": "read by whoever writes a method file, inside a frame",
    "sampling/sealing.py": "callers tell in their own words that a secret cannot be opened",
    "sampling/vietnamese.py": "a wrong call of a pure function",
    "survey_site/core/charts/scale.py": "a wrong call of a drawing",
    "survey_site/core/icons.py": "a template asks for an icon that nobody drew",
    "survey_site/core/roles.py": "the table of roles names a right that no model declares",
    "survey_site/settings/env.py": "read at start, before there are catalogues",
}
"""Modules whose errors no reader of the site and no operator meets in their words, with the reason."""

WORD = re.compile(r"[^\W\d_]{2,}")
TRANSLATORS = {"_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "pgettext_lazy", "ngettext"}
PRINTERS = re.compile(r"(^|\.)(stdout|stderr)\.write$|console\.print$")
MESSAGES = re.compile(r"^messages\.(debug|info|success|warning|error)$")
REFUSALS = {"ValidationError", "CommandError", "PermissionDenied", "Http404"}
PLAIN_FIELD = re.compile(r"^models\.(?!ForeignKey|OneToOne|ManyToMany)\w+Field$")
KEYWORDS = {"help", "help_text", "label", "verbose_name", "verbose_name_plural", "menu_label", "empty_label"}
ATTRIBUTES = {"help", "help_text", "verbose_name", "verbose_name_plural", "menu_label", "page_title"}

type Found = tuple[int, str]


def is_plain(node: ast.expr) -> bool:
    """Tell whether an expression is a text with words that nobody can translate."""
    match node:
        case ast.Constant(value=str(text)):
            return bool(WORD.search(text))
        case ast.JoinedStr(values=parts):
            return any(is_plain(part) for part in parts if isinstance(part, ast.Constant))
        case ast.BinOp(left=left, op=ast.Mod()):
            return is_plain(left)
        case ast.BinOp(left=left, right=right, op=ast.Add()):
            return is_plain(left) or is_plain(right)
    return False


def is_computed(node: ast.expr) -> bool:
    """Tell whether a text is put together before it is looked up."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.BinOp) and any(map(is_plain, (node.left, node.right)))
    )


def texts_of_call(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the arguments of a call that a person reads."""
    name = ast.unparse(call.func)
    if name in REFUSALS or PRINTERS.search(name) or PLAIN_FIELD.match(name):
        yield from call.args[:1]
    if MESSAGES.match(name):
        yield from call.args[1:2]
    yield from (keyword.value for keyword in call.keywords if keyword.arg in KEYWORDS)


def texts_of_class(node: ast.ClassDef) -> Iterator[ast.expr]:
    """Yield the attributes of a class that a person reads."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) in ATTRIBUTES:
            yield statement.value


def texts_of_error(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what an error is raised or made with."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        yield from node.exc.args
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__":
        yield from node.args


def unmarked(source: str, *, is_for_developers: bool = False) -> list[Found]:
    """Return line and text of everything in a module that should be marked and is not."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        texts = [] if is_for_developers else [*texts_of_error(node)]
        if isinstance(node, ast.Call):
            texts += texts_of_call(node)
            if ast.unparse(node.func) in TRANSLATORS:
                found |= {(text.lineno, ast.unparse(text)) for text in node.args if is_computed(text)}
        elif isinstance(node, ast.ClassDef):
            texts += texts_of_class(node)
        found |= {(text.lineno, ast.unparse(text)) for text in texts if is_plain(text)}
    return sorted(found)


def modules() -> Iterator[str]:
    """Yield the modules whose texts people meet, by their path in the project."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name and not name.startswith(WITHOUT_CATALOGUES):
                yield name


def test_every_text_of_the_code_is_marked() -> None:
    found = {
        name: unmarked((ROOT / name).read_text(encoding="utf-8"), is_for_developers=name in FOR_DEVELOPERS)
        for name in modules()
    }
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_exceptions_to_the_rule_are_still_needed() -> None:
    for name in FOR_DEVELOPERS:
        assert unmarked((ROOT / name).read_text(encoding="utf-8")), name


@pytest.mark.parametrize(
    "source",
    [
        'raise ValidationError("Wrong number.")',
        'raise CommandError(f"No round {code}.")',
        'raise RoundStateError("The round " + code + " is open.")',
        'raise PermissionDenied("No file %s" % name)',
        'class RowError(ValueError):\n    def __init__(self):\n        super().__init__("Wrong row.")',
        'messages.error(request, "Nothing was saved.")',
        'parser.add_argument("round", help="code of the round")',
        'self.stdout.write(f"{n} rows loaded.")',
        'self.console.print("Summary")',
        'name = models.CharField("name", max_length=100)',
        'case = models.ForeignKey("sampling.Case", verbose_name="case")',
        'code = forms.CharField(label="Code")',
        'class Command(BaseCommand):\n    help = "Load the units."',
        'class Meta:\n    verbose_name = "case"',
        '_(f"Row {row} is wrong")',
        '_("Row " + row)',
    ],
)
def test_rule_fails_on_a_planted_violation(source: str) -> None:
    assert unmarked(source)


@pytest.mark.parametrize(
    "source",
    [
        'raise ValidationError(_("Wrong number: %(n)s."), params={"n": n})',
        'raise CommandError(_("There is no round %(code)s.") % {"code": code})',
        "raise RoundStateError(str(error))",
        'self.stdout.write(f"  {name}: {value}")',
        'self.stdout.write("")',
        'case = models.ForeignKey("sampling.Case", verbose_name=_("case"))',
        'class CoreConfig(AppConfig):\n    label = "core"',
        'class Command(BaseCommand):\n    help = gettext_lazy("Load the units.")',
    ],
)
def test_rule_lets_marked_texts_and_codes_pass(source: str) -> None:
    assert unmarked(source) == []


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith(PACKAGES)]


def unnamed(all_models: list[type[models.Model]], is_named: Callable[[object], bool]) -> list[str]:
    """Return models and fields of theirs whose name or help is no text to translate."""
    found = []
    for model in all_models:
        names = {"": model._meta.verbose_name, "plural": model._meta.verbose_name_plural}
        for field in model._meta.local_fields:
            if not field.auto_created:
                names |= {field.name: field.verbose_name, f"{field.name} (help)": field.help_text}
        found += [f"{model.__name__} {place}" for place, text in names.items() if text and not is_named(text)]
    return found


def test_models_and_their_fields_have_names_to_translate() -> None:
    assert own_models()
    assert unnamed(own_models(), lambda text: isinstance(text, Promise)) == []


def test_rule_on_names_fails_where_nothing_is_translated() -> None:
    assert "AdministrativeUnit name" in unnamed(own_models(), lambda _text: False)
