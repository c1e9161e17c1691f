"""Every problem has a cause and a fix."""

import re
from pathlib import Path

import pytest

from questionnaires.exchange import problems
from questionnaires.exchange.wording import CAUSES, FIXES

FOLDER = Path(problems.__file__).parent
CODES = re.compile(
    r"(?:report|notice|ExpressionError)\(\s*(?:sheet, [^\n]*?\), |self\.sheets\[CHOICES\], place, )?"
    r'"([a-z_]+)"'
    r'|FileProblem\([^)]*?"([a-z]+_[a-z_]+)"'
)


def test_causes_and_fixes_have_the_same_codes():
    assert list(CAUSES) == list(FIXES)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_every_code_has_words(file: Path):
    used = {code for match in CODES.findall(file.read_text(encoding="utf-8")) for code in match if code}
    assert used <= set(CAUSES)
