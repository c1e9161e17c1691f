"""Commands speak the language of the setting when they are typed, and that of their caller otherwise."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.utils.translation import gettext, override

from sampling.management.base import TranslatedCommand

ROOT = Path(__file__).resolve().parents[3]
VIETNAMESE, ENGLISH = "Phương pháp chưa chính thức", "Provisional method"


class Speaking(TranslatedCommand):
    """Says one sentence."""

    help = ENGLISH
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(gettext(ENGLISH))


def own_commands() -> Iterator[str]:
    for name, app in get_commands().items():
        if isinstance(app, str) and (ROOT / app.split(".")[0]).is_dir():
            yield name


@pytest.mark.parametrize(("language", "said"), [("vi", VIETNAMESE), ("en", ENGLISH)])
def test_typed_command_speaks_the_language_of_the_setting(
    language: str, said: str, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.COMMAND_LANGUAGE = language
    Speaking().run_from_argv(["manage.py", "speak"])
    assert capsys.readouterr().out.strip() == said
    Speaking().print_help("manage.py", "speak")
    assert said in capsys.readouterr().out


def test_called_command_speaks_the_language_of_its_caller(capsys: pytest.CaptureFixture[str]) -> None:
    with override("en"):
        call_command(Speaking())
    assert capsys.readouterr().out.strip() == ENGLISH


def test_every_command_of_ours_is_translated() -> None:
    commands = {name: load_command_class(get_commands()[name], name) for name in own_commands()}
    assert len(commands) > 20
    assert {name for name, command in commands.items() if not isinstance(command, TranslatedCommand)} == set()


@pytest.mark.parametrize("name", sorted(own_commands()))
def test_help_of_a_command_is_vietnamese_throughout(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    with override("en"):
        english = described(command, name)
    with override("vi"):
        vietnamese = described(load_command_class(get_commands()[name], name), name)
    assert [text for text in vietnamese if text in english] == []


def described(command: BaseCommand, name: str) -> list[str]:
    """Return the help of a command and of its own options."""
    parser = command.create_parser("manage.py", name)
    standard = {action.dest for action in BaseCommand().create_parser("manage.py", name)._actions}
    options = [str(action.help) for action in parser._actions if action.dest not in standard]
    return [str(parser.description), *options]
