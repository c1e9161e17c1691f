"""Pictures of questions on a phone, in both languages: empty, wrong, filled in, in the dark and on paper.

    python -m tests.browser.screenshots FOLDER            one questionnaire for each kind of question
    python -m tests.browser.screenshots FOLDER --all      every questionnaire of one feature
    python -m tests.browser.screenshots FOLDER NAME ...   these

Needs the database of the tests. `tests.browser.pictures` takes them; no other run of tests collects it.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

TAKEN_BY = Path(__file__).with_name("pictures.py")


class Order:
    """What the command line asks for, handed to the test that takes the pictures."""

    def __init__(self, folder: Path, names: Iterable[str], *, is_all: bool) -> None:
        self.path, self.names, self.is_all = folder, tuple(names), is_all

    @pytest.fixture
    def folder(self) -> Path:
        """Where the pictures go."""
        self.path.mkdir(parents=True, exist_ok=True)
        return self.path

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run the test once for each questionnaire."""
        every, one_a_kind = metafunc.module.FEATURES, metafunc.module.EVERY_KIND.values()
        chosen = every if self.is_all else self.names or tuple(one_a_kind)
        if unknown := set(chosen) - set(every):
            sys.exit(f"There is no questionnaire {', '.join(sorted(unknown))}. There are: {', '.join(every)}")
        metafunc.parametrize("pictured", chosen)


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--all", action="store_true", help="every questionnaire of one feature")
    chosen = parser.parse_args()
    order = Order(chosen.folder.resolve(), chosen.names, is_all=chosen.all)
    return int(pytest.main([str(TAKEN_BY), "-q", "--reuse-db", "-p", "no:cacheprovider"], plugins=[order]))


if __name__ == "__main__":
    sys.exit(main())
