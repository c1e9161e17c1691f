"""Rounds that draw households and ask one adult of each, for all tests that need one."""

from typing import Any

from sampling.models import Case, SamplingTemplate, SurveyRound
from sampling.services import open_round
from sampling.services.contacts import ListedAdult
from sampling.services.draws import receive_households
from sampling.services.household_contacts import Head
from sampling.services.households import list_adults
from sampling.services.registers import HouseholdList
from tests.sampling.draws import codes, framed_round, issued, send_villages
from tests.sampling.makers import small_template_document

N_HOUSEHOLDS = 12


def household_stages(
    *, wanted: int = 4, reserves: int = 2, order: str = "serpentine", rule: str = "listed_adults"
) -> list[dict[str, Any]]:
    selection = "simple_random" if order == "random" else "systematic"
    return [
        {
            "code": "household",
            "selection": selection,
            "n_units": wanted,
            "exceptions": [],
            "order": [order],
            "n_reserve": reserves,
        },
        {
            "code": "person",
            "selection": "within_household",
            "rule": rule,
            "n_units": 1,
            "exceptions": [],
            "order": ["random"],
        },
    ]


def household_document(**sizes: Any) -> dict[str, Any]:
    document = small_template_document()
    return document | {"stages": [*document["stages"][:2], *household_stages(**sizes)]}


def household_round(*, changes: dict[str, Any] | None = None, **sizes: Any) -> SurveyRound:
    template = SamplingTemplate.objects.create(
        code="households",
        version=1,
        title_vi="Hộ gia đình",
        title_en="Households",
        document=household_document(**sizes),
        digest="1" * 64,
    )
    return framed_round(template=template, **(changes or {}))


def household_list(_village: Any) -> HouseholdList:
    numbers = range(1, N_HOUSEHOLDS + 1)
    return HouseholdList(
        [f"{number:02d}" for number in numbers],
        ["AB"[number % 2] for number in numbers],
        [number // 2 for number in numbers],
    )


def heads(_village: Any) -> list[Head]:
    return [Head(f"{number:02d}", f"Chủ hộ {number}", f"Số {number}") for number in range(1, 13)]


def send_households(survey_round: SurveyRound, villages: Any = None, user: Any = None) -> Any:
    wanted = codes(survey_round, "village") if villages is None else villages
    return receive_households(
        round=survey_round,
        villages=wanted,
        lists=household_list,
        heads={village: heads(village) for village in wanted},
        user=user,
    )


def listed_round(**sizes: Any) -> SurveyRound:
    """Take a round so far that its households are listed and not drawn."""
    survey_round = household_round(**sizes)
    issued(survey_round)
    send_villages(survey_round)
    issued(survey_round, "village")
    send_households(survey_round)
    return survey_round


def walk_households(**sizes: Any) -> SurveyRound:
    """Take all stages to the issued list of households."""
    survey_round = listed_round(**sizes)
    issued(survey_round, "household")
    return survey_round


def open_households(**sizes: Any) -> list[Case]:
    """Return the cases to be visited of a round that is open."""
    survey_round = walk_households(**sizes)
    open_round(round=survey_round)
    return list(Case.objects.filter(sample__round=survey_round).active().order_by("number"))


def adults(count: int) -> list[ListedAdult]:
    return [
        ListedAdult(f"Người {line}", "female" if line % 2 else "male", 70 - line)
        for line in range(1, count + 1)
    ]


def listed(case: Case, count: int = 3, **values: Any) -> Any:
    return list_adults(case=case, adults=adults(count), **values)
