"""The document of a list design: what it may say, its canonical form, and its errors."""

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.fingerprints import digest_of_document
from sampling.design.list_design import (
    ListCoordination,
    ListDesign,
    ListDesignError,
    Selection,
    Unit,
    stratum_key,
)

STEPS: dict[str, Any] = {"selection": "systematic", "reserve_percent": 0}
DOCUMENT: dict[str, Any] = {
    "format": "list-design/1",
    "unit": "dossier",
    "strata": ["province", "field"],
    "sizes": [[["79", "land"], 15], [["01", "land"], 20], [["01", "civil"], 7]],
    "allocation": {"method": "proportional", "n": 42},
    "reserve_percent": 10,
    "filter": {"party": ["person"], "channel": ["portal", "counter", "portal"]},
}


def test_a_document_is_read_into_its_parts():
    design = ListDesign.from_document(DOCUMENT)
    assert (design.unit, design.selection, design.measure_of_size) == (
        Unit.DOSSIER,
        Selection.SIMPLE_RANDOM,
        None,
    )
    assert design.wanted == {"01|civil": 7, "01|land": 20, "79|land": 15}
    assert design.reserves == {"01|civil": 1, "01|land": 2, "79|land": 2}
    assert design.n_wanted == 42
    assert design.filter == {"channel": ("counter", "portal"), "party": ("person",)}


def test_the_canonical_form_reads_back_to_the_same_design():
    design = ListDesign.from_document(DOCUMENT)
    assert ListDesign.from_document(design.document()) == design
    assert design.digest() == digest_of_document(design.document())


@given(st.randoms(use_true_random=False))
def test_order_of_sizes_values_and_keys_does_not_matter(shuffle: random.Random):
    sizes = shuffle.sample(DOCUMENT["sizes"], len(DOCUMENT["sizes"]))
    channels = shuffle.sample(["portal", "counter"], 2)
    keys = shuffle.sample(list(DOCUMENT), len(DOCUMENT))
    changed = {key: DOCUMENT[key] for key in keys} | {
        "sizes": sizes,
        "filter": {"channel": channels, "party": ["person"]},
    }
    assert ListDesign.from_document(changed).digest() == ListDesign.from_document(DOCUMENT).digest()


def test_order_and_coordination_stand_in_the_document_where_they_are_used():
    plain = ListDesign.from_document(DOCUMENT).document()
    assert not {"order", "coordination"} & set(plain)
    document = DOCUMENT | STEPS | {"order": {"by": ["agency", "field"], "serpentine": True}}
    sorted_list = ListDesign.from_document(document)
    assert sorted_list.document()["order"] == {"by": ["agency", "field"], "serpentine": True}
    coordination = {"previous": "ab" * 32, "share": "0.25", "start": "1/3"}
    coordinated = ListDesign.from_document(DOCUMENT | {"unit": "person", "coordination": coordination})
    assert coordinated.document()["coordination"]["share"] == "1/4"
    for design in (sorted_list, coordinated):
        assert ListDesign.from_document(design.document()) == design


def test_an_order_of_the_ids_alone_is_no_order():
    design = ListDesign.from_document(DOCUMENT | STEPS | {"order": {"by": [], "serpentine": True}})
    assert design.digest() == ListDesign.from_document(DOCUMENT | STEPS).digest()


def test_a_starting_point_comes_from_the_seed_only_in_a_first_round():
    first = ListCoordination()
    assert first.start_at("2026") == first.start_at("2026") != first.start_at("2027")
    later = ListCoordination("ab" * 32).starting(Fraction(1, 3))
    assert Fraction(1, 3) <= later.start_at("2026") < Fraction(1, 3) + Fraction(1, 2**64)
    with pytest.raises(ListDesignError, match="a starting point after an earlier round"):
        ListCoordination("ab" * 32).start_at("2026")


def test_a_coordination_is_complete_when_all_that_a_commitment_fixes_is_there():
    fixed = ListCoordination(key_fingerprint="1" * 64, unit_fingerprint="2" * 64, numbers_sha256="3" * 64)
    assert fixed.is_complete
    assert not ListCoordination().is_complete
    assert not replace(fixed, previous="4" * 64).is_complete


def test_the_digest_is_that_of_a_document_with_every_key():
    short = {"format": "list-design/1", "unit": "person", "strata": [], "sizes": [[[], 5]]}
    whole = {
        "allocation": {},
        "filter": {},
        "format": "list-design/1",
        "measure_of_size": None,
        "reserve_percent": 0,
        "selection": "simple_random",
        "sizes": [[[], 5]],
        "strata": [],
        "unit": "person",
    }
    assert ListDesign.from_document(short).digest() == digest_of_document(whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "list-design/2"}, "the format list-design/1, got 'list-design/2'"),
        ({"unit": "house"}, "unit to be one of dossier, person, got 'house'"),
        ({"selection": "quota"}, "selection to be one of simple_random, systematic, bernoulli"),
        ({"strata": ["id", "field"]}, "got id"),
        ({"strata": ["field", "field"]}, "each once"),
        ({"strata": "province"}, "strata to be a list of text"),
        ({"sizes": []}, "sizes to be a list"),
        ({"sizes": [[["01"], 5]]}, "2 values in every stratum"),
        ({"sizes": [["01", "land", 5]]}, "pairs"),
        ({"sizes": [[["01", "land"], 5], [["01", "land"], 6]]}, "every stratum once in sizes, got 01|land"),
        ({"sizes": [[["01", "land"], -1]]}, "the size of 01|land to be a whole number"),
        ({"sizes": [[["01", "land"], 2.5]]}, "got 2.5"),
        ({"sizes": [[["01", "land"], True]]}, "got True"),
        ({"sizes": [[["01", "land"], 0]]}, "at least one unit wanted"),
        ({"sizes": [[[1, "land"], 5]]}, "Codes are text"),
        ({"sizes": [[["01", "a|b"], 5]]}, "without '|'"),
        ({"reserve_percent": "10"}, "reserve_percent to be a whole number"),
        ({"measure_of_size": "size"}, "measure_of_size None with simple_random, got 'size'"),
        ({"selection": "pps_systematic"}, "no reserve with pps_systematic, got 10 percent"),
        ({"filter": {"person_key": ["x"]}}, "got person_key"),
        ({"filter": {"party": []}}, "at least one value in every filter, got party"),
        ({"filter": ["party"]}, "filter to be a mapping"),
        ({"allocation": 5}, "allocation to be a mapping"),
        ({"layers": []}, "got layers"),
        ({"selection": "cube"}, "got 'cube'"),
        (
            {"selection": "pareto", "reserve_percent": 0, "measure_of_size": None},
            "'size' with pareto, got None",
        ),
        ({"selection": "pareto"}, "no reserve with pareto, got 10 percent"),
        ({"order": {"by": ["field"]}}, "no order with simple_random, got field"),
        ({**STEPS, "order": {"by": ["person_key"]}}, "order to be columns out of"),
        ({**STEPS, "order": {"by": ["field", "field"]}}, "each once"),
        ({**STEPS, "order": {"by": ["field"], "serpentine": "yes"}}, "serpentine to be true or false"),
        ({**STEPS, "order": {"winding": True}}, "got winding"),
        ({**STEPS, "order": []}, "order to be a mapping"),
        ({"coordination": {}}, "persons in a coordinated design, got the unit dossier"),
        ({"unit": "person", "coordination": {}, **STEPS}, "one number per unit (simple_random, bernoulli"),
        ({"unit": "person", "coordination": {"previous": "ab"}}, "previous to be 64 hexadecimal digits"),
        ({"unit": "person", "coordination": {"share": "1/4"}}, "no share and no starting point"),
        ({"unit": "person", "coordination": {"start": "1/4"}}, "no share and no starting point"),
        ({"unit": "person", "coordination": {"previous": "ab" * 32, "share": 0.5}}, "share to be a number"),
        ({"unit": "person", "coordination": {"previous": "ab" * 32, "share": "3/2"}}, "from 0 to 1"),
        ({"unit": "person", "coordination": {"share": "1/0"}}, "share to be a number"),
        ({"unit": "person", "coordination": {"key": ""}}, "got key"),
    ],
)
def test_what_cannot_be_is_named(change: dict[str, Any], message: str):
    with pytest.raises(ListDesignError) as raised:
        ListDesign.from_document(DOCUMENT | change)
    assert message in str(raised.value)
    assert raised.value.expected
    assert raised.value.hint


def test_missing_keys_are_named():
    with pytest.raises(ListDesignError, match="the keys unit, sizes"):
        ListDesign.from_document({"format": "list-design/1", "strata": []})


def test_another_kind_of_file_is_refused():
    with pytest.raises(ListDesignError, match="got 'list'"):
        ListDesign.from_document([DOCUMENT])  # type: ignore[arg-type]


def test_strata_that_are_too_small_are_named():
    design = ListDesign.from_document(DOCUMENT)
    with pytest.raises(ListDesignError) as raised:
        design.check_counts({"01|civil": 100, "01|land": 19})
    assert raised.value.got == "01|land (wanted 20, there are 19), 79|land (wanted 15, there are 0)"


def test_many_strata_are_not_all_named():
    sizes = tuple(((f"{number:02d}",), 5) for number in range(30))
    with pytest.raises(ListDesignError, match="and 20 more"):
        ListDesign(Unit.DOSSIER, ("province",), sizes).check_counts({})


def test_strata_of_the_frame_without_a_size_are_named():
    design = ListDesign(Unit.DOSSIER, ("province",), ((("01",), 2), (("48",), 0)))
    with pytest.raises(ListDesignError, match="none for 79"):
        design.check_counts({"01": 5, "48": 5, "79": 5})


def test_missing_values_have_a_stratum_of_their_own():
    assert stratum_key([None, False, "01"]) == "|false|01"
