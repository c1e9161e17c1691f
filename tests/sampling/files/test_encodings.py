from pathlib import Path

import pytest

from sampling.files.encoding_kinds import CHOICES, TCVN3_FILE, UTF_8, EncodingError
from sampling.files.encodings import detect, detect_file, letters_of, open_as_utf8, recode, sample_of
from sampling.files.letters import to_tcvn3, to_vni
from tests.sampling.files.makers import ENCODERS

LINES = "mã;tên\n43;Thành phố Đà Nẵng\n77;Bà Rịa – Vũng Tàu\n66;Đắk Lắk\n01;Phường Ngọc Hà\n"


@pytest.mark.parametrize("label", ENCODERS)
def test_every_encoding_is_recognised_and_read(tmp_path: Path, label: str):
    path = tmp_path / "a.csv"
    path.write_bytes(ENCODERS[label](LINES))
    encoding = detect_file(path)
    assert encoding.label == label
    with open_as_utf8(path, encoding) as lines:
        assert "".join(lines) == LINES


@pytest.mark.parametrize("name", ["Nẵng", "Thị trấn Gio Linh", "Đỗ", "Xã Mỹ Thạnh Đông"])
@pytest.mark.parametrize("label", ENCODERS)
def test_one_name_is_enough(label: str, name: str):
    assert detect(ENCODERS[label](name)).label == label


@pytest.mark.parametrize(("write", "name"), [(to_tcvn3, "tcvn3"), (to_vni, "vni")])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_old_letters_inside_unicode_files_are_recognised(write: object, name: str, codec: str):
    text = write(LINES)  # type: ignore[operator]
    assert detect(text.encode(codec)).letters == name
    assert letters_of(text) == name


def test_plain_text_is_utf8():
    assert detect(b"code;name\n1;An\n") == UTF_8
    assert detect(b"") == UTF_8


def test_letter_cut_at_the_end_of_the_sample_is_no_fault():
    assert detect("Đà Nẵng".encode()[:-4]) == UTF_8


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("a\nb\ncafé déjà vu\n".encode("latin-1"), "undecided", 3),
        (b"a\nb\0c\n", "binary", 2),
        ("a;\nTú\n".encode("latin-1"), "undecided", 2),
    ],
)
def test_what_cannot_be_decided_names_the_line(tmp_path: Path, content: bytes, code: str, line: int):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(EncodingError, match="ave") as caught:
        detect_file(path)
    assert (caught.value.code, caught.value.line) == (code, line)


def test_only_name_with_marks_is_found_far_down(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1;An\n" * 600_000 + ENCODERS["TCVN3 (ABC)"]("2;Đà Nẵng\n"))
    assert detect_file(path) == TCVN3_FILE
    assert len(sample_of(path)) < 100


def test_line_that_breaks_the_encoding_is_named(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes("1;Đà\n".encode() * 300_000 + b"2;\xff\n")
    with open_as_utf8(path, UTF_8) as lines, pytest.raises(EncodingError) as caught:
        list(lines)
    assert (caught.value.line, caught.value.got) == (300_001, "ff")


def test_recoded_file_is_utf8_and_a_failed_one_is_gone(tmp_path: Path):
    source, target = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_bytes(ENCODERS["VNI-Windows"](LINES))
    recode(source, target, CHOICES["vni"])
    assert target.read_text("utf-8") == LINES
    source.write_bytes(ENCODERS["TCVN3 (ABC)"](LINES) + b"x\xc0\n")
    with pytest.raises(EncodingError):
        recode(source, target, CHOICES["tcvn3"])
    assert not target.exists()


def test_decomposed_text_is_composed(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes("Ha\u0300 No\u0323\u0302i".encode())
    with open_as_utf8(path, UTF_8) as lines:
        assert list(lines) == ["Hà Nội"]
