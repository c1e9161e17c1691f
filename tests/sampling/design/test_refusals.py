from typing import Any

import pytest

from sampling.design.list_design import ListDesign
from sampling.design.list_values import ListDesignError
from sampling.design.refusals import RefusalError, Said, said
from sampling.design.stage_plans import DesignError, StagePlan

VIETNAMESE = {
    "Expected %(expected)s, got %(got)s. %(hint)s": "Cần %(expected)s, nhưng nhận được %(got)s. %(hint)s",
    "a size for every stratum of the frame": "cỡ mẫu của mọi tầng trong dàn mẫu",
    "none for %(strata)s": "không có cho %(strata)s",
    "Give them a size (0 leaves them out on purpose) or leave them out by the filter.": "Ghi cỡ mẫu.",
    "%(names)s and %(more)s more": "%(names)s và %(more)s mục khác",
}


def translated(message: str) -> str:
    return VIETNAMESE.get(message, message)


def test_every_part_of_a_refusal_is_told_in_the_other_language():
    document = {"format": "list-design/1", "unit": "dossier", "strata": ["province"], "sizes": [[["01"], 4]]}
    counts = {"01": 9} | {f"{place:02d}": 5 for place in range(10, 25)}
    with pytest.raises(ListDesignError) as raised:
        ListDesign.from_document(document).check_counts(counts)
    shown = ", ".join(f"{place:02d}" for place in range(10, 20))
    assert raised.value.said.told(translated) == (
        "Cần cỡ mẫu của mọi tầng trong dàn mẫu, nhưng nhận được không có cho "
        f"{shown} và 5 mục khác. Ghi cỡ mẫu."
    )
    assert str(raised.value).startswith(
        f"Expected a size for every stratum of the frame, got none for {shown} and"
    )


def test_a_design_passes_on_what_is_wrong_with_a_stage():
    stages = [{"code": code, "selection": "simple_random", "n_units": 2} for code in ("commune", "village")]
    stages[0] |= {"selection": "quota"}
    person = {"code": "person", "selection": "simple_random", "n_units": 3}
    with pytest.raises(DesignError) as raised:
        StagePlan.from_document({"stages": [*stages, person]})
    assert isinstance(raised.value.said.values["expected"], Said)
    assert "quota" in str(raised.value)


@pytest.mark.parametrize("value", ["100%", ["50%", "x"], said("%(n)s%%", n=5)])
def test_what_came_may_hold_any_sign(value: Any):
    assert "%" in str(RefusalError("got %(got)s", got=value))
    assert str(RefusalError("100% of them")) == "100% of them"
