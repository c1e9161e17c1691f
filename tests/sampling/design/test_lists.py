from fractions import Fraction

from sampling.design.lists import AreaDraw, list_persons
from sampling.design.selection import SimpleRandomSample
from sampling.design.stages import DrawnUnit


def drawn(code: str, stratum: str, order: int, probability: Fraction) -> DrawnUnit:
    return DrawnUnit(code, stratum, order, order, is_certainty=False, probability=probability)


def make_area() -> AreaDraw:
    communes = (
        drawn("c3", "80", 1, Fraction(1, 3)),
        drawn("c1", "72", 1, Fraction(1, 7)),
        drawn("c2", "72", 2, Fraction(1, 7)),
        drawn("c9", "01", 1, Fraction(1, 2)),
    )
    villages = {
        commune.code: (drawn(f"{commune.code}-v", commune.code, 1, Fraction(1, 5)),) for commune in communes
    }
    return AreaDraw(communes, villages, {"c1": "80", "c2": "80", "c3": "80", "c9": "01"})


def make_samples() -> dict[str, SimpleRandomSample]:
    return {
        village: SimpleRandomSample(("p1", "p2"), ("p3",), Fraction(2, 11))
        for village in make_area().village_codes()
    }


def test_communes_are_numbered_through_their_province_by_stratum():
    persons = list(list_persons(make_area(), make_samples()))
    first_of_village = [(person.number, person.commune) for person in persons if person.draw_order == 1]
    assert first_of_village == [
        ("01-0001-01-001", "c9"),
        ("80-0001-01-001", "c1"),
        ("80-0002-01-001", "c2"),
        ("80-0003-01-001", "c3"),
    ]


def test_reserves_follow_the_main_list():
    persons = [person for person in list_persons(make_area(), make_samples()) if person.commune == "c1"]
    assert [(person.register_number, person.is_reserve) for person in persons] == [
        ("p1", False),
        ("p2", False),
        ("p3", True),
    ]


def test_weight_is_rounded_once_from_exact_probabilities():
    person = next(person for person in list_persons(make_area(), make_samples()) if person.commune == "c1")
    assert person.weight == 7 * 5 * 11 / 2
    assert person.canonical_row() == ["80-0001-01-001", "c1", "c1-v", "p1", False, "1/7", "1/5", "2/11"]


def test_numbers_are_unique():
    persons = list(list_persons(make_area(), make_samples()))
    assert len({person.number for person in persons}) == len(persons) == 12
