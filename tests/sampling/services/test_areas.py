import csv
import datetime
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from sampling.models import AdministrativeUnit, UnitSuccession
from sampling.models.areas import Level, UnknownPeriodError
from sampling.services import ReferenceTableError, load_administrative_units
from sampling.services.areas import REFERENCE_TABLES

pytestmark = pytest.mark.django_db

BEFORE = datetime.date(2025, 6, 30)
AFTER = datetime.date(2025, 7, 1)


def unit(code: str, date: datetime.date, level: str = Level.PROVINCE):
    return AdministrativeUnit.objects.valid_on(date).get(level=level, code=code)


def rows(name: str):
    with (REFERENCE_TABLES / name).open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def units(request: Any, django_db_blocker: Any):
    request.getfixturevalue("django_db_setup")
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_administrative_units()
        transaction.set_rollback(True)


def test_loads_every_unit_and_succession(units: Any):
    assert (units.n_units, units.n_successions) == (14_149, 10_660)
    assert AdministrativeUnit.objects.count() == 14_149
    assert UnitSuccession.objects.count() == 10_660


@pytest.mark.parametrize(
    ("date", "level", "count"),
    [
        (BEFORE, Level.PROVINCE, 63),
        (BEFORE, Level.DISTRICT, 696),
        (BEFORE, Level.COMMUNE, 10_035),
        (AFTER, Level.PROVINCE, 34),
        (AFTER, Level.DISTRICT, 0),
        (AFTER, Level.COMMUNE, 3_321),
    ],
)
@pytest.mark.usefixtures("units")
def test_counts_by_level_and_day(date: datetime.date, level: str, count: int):
    assert AdministrativeUnit.objects.valid_on(date).filter(level=level).count() == count


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("15", "Yên Bái", "Lào Cai"),
        ("24", "Bắc Giang", "Bắc Ninh"),
        ("44", "Quảng Bình", "Quảng Trị"),
        ("52", "Bình Định", "Gia Lai"),
        ("80", "Long An", "Tây Ninh"),
        ("82", "Tiền Giang", "Đồng Tháp"),
        ("91", "Kiên Giang", "An Giang"),
    ],
)
@pytest.mark.usefixtures("units")
def test_code_that_changed_meaning(code: str, before: str, after: str):
    old, new = unit(code, BEFORE), unit(code, AFTER)
    assert (old.name, new.name) == (before, after)
    assert old.pk != new.pk
    assert list(old.successors()) == [new]
    assert old in new.predecessors()


def test_loading_twice_changes_nothing(units: Any):
    before = list(
        AdministrativeUnit.objects.order_by("pk").values_list("pk", "code", "parent", "predecessor_province")
    )
    assert load_administrative_units() == units
    assert (
        list(
            AdministrativeUnit.objects.order_by("pk").values_list(
                "pk", "code", "parent", "predecessor_province"
            )
        )
        == before
    )


def test_loading_takes_few_queries_and_little_time(django_assert_max_num_queries: Any):
    started = time.perf_counter()
    with django_assert_max_num_queries(120):
        load_administrative_units()
    assert time.perf_counter() - started < 15


@pytest.mark.usefixtures("units")
def test_provinces_pass_wholly_into_the_34():
    merged = unit("79", AFTER).predecessors().in_vietnamese_order()
    assert [province.name for province in merged] == ["Bà Rịa - Vũng Tàu", "Bình Dương", "Hồ Chí Minh"]
    assert unit("74", BEFORE).successors().get() == unit("79", AFTER)


@pytest.mark.usefixtures("units")
def test_every_commune_of_today_has_a_former_province_inside_its_province():
    communes = AdministrativeUnit.objects.valid_on(AFTER).communes()
    assert not communes.filter(predecessor_province=None).exists()
    links = set(
        UnitSuccession.objects.filter(successor__level=Level.PROVINCE).values_list(
            "predecessor_id", "successor_id"
        )
    )
    assert set(communes.values_list("predecessor_province_id", "parent_id")) <= links


@pytest.mark.parametrize(
    ("code", "name", "province"),
    [
        ("11948", "Bạch Long Vĩ", "Hải Phòng"),
        ("19742", "Cồn Cỏ", "Quảng Trị"),
        ("20333", "Hoàng Sa", "Đà Nẵng"),
        ("21548", "Lý Sơn", "Quảng Ngãi"),
        ("26732", "Côn Đảo", "Bà Rịa - Vũng Tàu"),
    ],
)
@pytest.mark.usefixtures("units")
def test_special_zone_without_predecessor_row(code: str, name: str, province: str):
    zone = unit(code, AFTER, Level.COMMUNE)
    assert zone.name == name
    assert zone.predecessor_province.name == province
    assert not zone.predecessors().exists()


def whole_communes_by_former_province():
    """Count, for each commune of today, predecessors and whole predecessors by former province."""
    province_of_district = {
        row["code"]: row["parent_code"]
        for row in rows("administrative_units.csv")
        if row["level"] == "district"
    }
    province = {
        row["code"]: province_of_district.get(row["parent_code"], row["parent_code"])
        for row in rows("administrative_units.csv")
        if row["level"] == "commune" and row["valid_to"]
    }
    all_parts, wholes = defaultdict(Counter), defaultdict(Counter)
    for row in rows("unit_successions.csv"):
        if row["level"] == "commune":
            all_parts[row["new_code"]][province[row["old_code"]]] += 1
            wholes[row["new_code"]][province[row["old_code"]]] += row["kind"] == "whole"
    return all_parts, wholes


def test_the_23_straddling_communes_follow_the_majority_of_whole_communes():
    all_parts, wholes = whole_communes_by_former_province()
    straddling = {code for code, provinces in all_parts.items() if len(provinces) > 1}
    placed = {
        row["code"]: row["predecessor_province_code"]
        for row in rows("predecessor_placements.csv")
        if row["rule"] == "majority"
    }
    assert len(straddling) == 23
    assert placed == {code: wholes[code].most_common(1)[0][0] for code in straddling}


def test_days_before_2025_are_unknown():
    with pytest.raises(UnknownPeriodError):
        AdministrativeUnit.objects.valid_on(datetime.date(2024, 12, 31))


@pytest.mark.usefixtures("units")
def test_units_are_listed_in_vietnamese_order():
    names = list(
        AdministrativeUnit.objects.valid_on(AFTER)
        .provinces()
        .in_vietnamese_order()
        .values_list("name", flat=True)
    )
    assert names[:3] == ["An Giang", "Bắc Ninh", "Cà Mau"]
    assert names.index("Điện Biên") > names.index("Đắk Lắk")
    assert names[-1] == "Vĩnh Long"


def test_straddling_commune_without_placement_is_named(tmp_path: Path):
    for name in ("administrative_units.csv", "unit_successions.csv"):
        (tmp_path / name).write_bytes((REFERENCE_TABLES / name).read_bytes())
    (tmp_path / "predecessor_placements.csv").write_text("code,predecessor_province_code,rule,reason\n")
    before = AdministrativeUnit.objects.count()
    with pytest.raises(ReferenceTableError, match="10804"):
        load_administrative_units(folder=tmp_path)
    assert AdministrativeUnit.objects.count() == before


def test_command_says_what_was_loaded(capsys: pytest.CaptureFixture[str]):
    call_command("load_administrative_units")
    assert "14149" in capsys.readouterr().out.replace(".", "").replace(",", "")
