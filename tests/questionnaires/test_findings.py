"""What reading and linting find is told in the reader's language, with its place."""

import pytest
from django.utils.translation import gettext, override

from questionnaires.findings import described, listed
from questionnaires.schema import Kind, SchemaError, lint, parse
from questionnaires.schema.wording import EXPECTED, FINDINGS, HINTS
from questionnaires.services import UnpublishableError
from tests.questionnaires.schema.makers import document, form, options, question, with_question

CATALOGUE = [*EXPECTED.values(), *HINTS.values(), *FINDINGS.values()]


def test_finding_is_told_in_both_languages() -> None:
    problem = lint(form(question("Q1", Kind.SINGLE, options=options(1))))[0]
    assert described(problem).path == problem.path
    with override("vi"):
        assert described(problem).message == (
            "Câu Q1 có 1 phương án; câu hỏi lựa chọn cần ít nhất 2 phương án."
        )
    with override("en"):
        assert described(problem).message == problem.message


def test_every_word_about_an_unreadable_document_is_translated() -> None:
    broken = with_question(kind="slider")
    del broken["title"]
    with override("vi"):
        messages = {found.path: found.message for found in map(described, lint(broken))}
    assert messages["$.title"] == "Cần một đối tượng JSON, nhưng nhận được không có gì. Thêm “title”."
    kind = messages["$.sections[0].questions[0].kind"]
    assert kind.startswith("Cần một trong các giá trị likert, ")
    assert kind.endswith("Chọn một loại câu hỏi trong danh sách.")


def test_errors_of_reading_are_listed_with_their_places() -> None:
    with pytest.raises(SchemaError) as caught:
        parse(with_question(is_required=1))
    with override("vi"):
        assert listed(caught.value.problems) == (
            "$.sections[0].questions[0].is_required: Cần true hoặc false, nhưng nhận được 1. "
            "Sửa hoặc bỏ “is_required”."
        )


def test_refused_publication_speaks_the_language_of_the_reader() -> None:
    problems = lint(document(sections=[]))
    with override("vi"):
        assert "Phiếu khảo sát chưa có phần nào." in str(UnpublishableError(problems))


@pytest.mark.parametrize("text", CATALOGUE)
def test_every_word_of_the_schema_has_a_translation(text: str) -> None:
    with override("vi"):
        assert gettext(text) != text
