import io
import zipfile

import pytest

from sampling.printing import OutsideAddressError, pdf_from_html, zip_of


def test_page_becomes_a_pdf():
    assert pdf_from_html("<p>Nguyễn Thị Ánh</p>").startswith(b"%PDF")


@pytest.mark.parametrize(
    "html",
    [
        "<img src='http://127.0.0.1:1/x.png'>",
        "<img src='file:///etc/passwd'>",
        "<link rel='stylesheet' href='https://example.org/a.css'>",
        "<style>@import url(http://127.0.0.1:1/a.css)</style>",
        "<style>@font-face { font-family: x; src: url(http://a.example/) } * { font-family: x }</style>x",
        "<p style='background: url(http://127.0.0.1:1/a.png)'>x</p>",
    ],
)
def test_nothing_is_fetched_for_a_page(html: str):
    with pytest.raises(OutsideAddressError):
        pdf_from_html(html)


def test_a_link_is_no_picture():
    assert pdf_from_html("<a href='https://example.org/'>x</a>").startswith(b"%PDF")


def test_equal_files_give_equal_archives_that_only_their_owner_reads():
    files = [("Thôn 1.pdf", b"1"), ("b/c.pdf", b"2")]
    archive = zip_of(files)
    assert archive == zip_of(files)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.namelist() == ["Thôn 1.pdf", "b/c.pdf"]
        assert {entry.external_attr >> 16 for entry in opened.infolist()} == {0o600}
