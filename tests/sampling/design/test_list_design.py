"""The document of a list design: what it may say, its canonical form, and its errors."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.fingerprints import digest_of_document
from sampling.design.list_design import ListDesign, ListDesignError, Selection, Unit, stratum_key

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
        ({"selection": "quota"}, "selection to be one of simple_random, pps_systematic"),
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
