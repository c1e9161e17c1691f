import pytest

from sampling.places import with_type


@pytest.mark.parametrize(
    ("name", "unit_type", "written"),
    [
        ("Hà Nội", "thành phố trực thuộc trung ương", "thành phố Hà Nội"),
        ("Cà Mau", "tỉnh", "tỉnh Cà Mau"),
        ("Khương Đình", "phường", "phường Khương Đình"),
        ("Phường Khương Đình", "phường", "Phường Khương Đình"),
        ("7", "phường", "phường 7"),
        ("Xã Mẫu", "", "Xã Mẫu"),
    ],
)
def test_type_of_a_unit_stands_before_its_name(name: str, unit_type: str, written: str) -> None:
    assert with_type(name, unit_type) == written
