import pytest

from sampling.design.fingerprints import canonical_lines, digest_of_document, digest_of_frame, digest_of_rows


def test_lines_keep_codes_as_text_and_letters_as_they_are():
    assert canonical_lines([["00004", "Ba Đình", 12, True]]).decode() == '["00004","Ba Đình",12,true]\n'


def test_tabs_and_line_feeds_in_a_name_cannot_forge_a_row():
    assert digest_of_rows([["a\n", "b"]]) != digest_of_rows([["a"], ["b"]])


def test_frame_digest_ignores_order_and_list_digest_does_not():
    rows, reverse = [["a", 1], ["b", 2]], [["b", 2], ["a", 1]]
    assert digest_of_frame(rows) == digest_of_frame(reverse)
    assert digest_of_rows(rows) != digest_of_rows(reverse)


def test_document_digest_ignores_the_order_of_keys():
    assert digest_of_document({"a": 1, "b": [1, 2]}) == digest_of_document({"b": [1, 2], "a": 1})
    assert digest_of_document({"a": [1, 2]}) != digest_of_document({"a": [2, 1]})


def test_not_a_number_is_no_document():
    with pytest.raises(ValueError, match="JSON"):
        digest_of_document({"a": float("nan")})
