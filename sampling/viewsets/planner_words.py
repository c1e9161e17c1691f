"""What the planner calls things, and the numbers it starts from; every assumed number names its source."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sampling.design.area_strata import COUNTRY, SEPARATOR, STRATUM_ATTRIBUTES, TOWN

ATTRIBUTE_LABELS: Mapping[str, Promise] = {
    "province": _("province"),
    "predecessor": _("province before July 2025"),
    "region": _("region"),
    "urban": _("urban or rural"),
    "unit_type": _("type of unit"),
    "province_urban": _("province, urban or rural"),
    "predecessor_urban": _("province before July 2025, urban or rural"),
    "region_urban": _("region, urban or rural"),
}
RULE_LABELS: Mapping[str, Promise] = {
    "template": _("as in the template"),
    "equal": _("equal: the same number in every stratum"),
    "proportional": _("proportional to the number of adults"),
    "neyman": _("Neyman: more where there are more adults and answers differ more"),
    "power": _("power (Bankier): between equal and proportional"),
    "cost_optimal": _("cost-optimal: Neyman, but fewer where a unit is dear"),
    "fixed": _("fixed: a given number in every stratum"),
    "margin": _("least cost with which every domain reaches the target (Bethel)"),
    "bethel": _("least cost within coefficients of variation of several variables (Bethel)"),
}
LIST_RULE_LABELS: Mapping[str, Promise] = {
    "equal": _("equal: the same number in every stratum"),
    "proportional": _("proportional to N"),
    "neyman": _("Neyman: more where N and SD are large"),
    "power": _("power (Bankier): between equal and proportional"),
    "cost_optimal": _("cost-optimal: Neyman, but fewer where an answer is dear"),
    "fixed": _("fixed by kind of unit, as Bình Dương does"),
    "bethel": _("least cost within coefficients of variation (Bethel)"),
}
UNIT_OF_LIST_LABELS: Mapping[str, Promise] = {
    "dossier": _("dossiers"),
    "person": _("persons, each once"),
}
SELECTION_LABELS: Mapping[str, Promise] = {
    "simple_random": _("simple random"),
    "systematic": _("systematic: equal steps through a sorted list"),
    "bernoulli": _("Bernoulli: each on its own, equal chances, number random"),
    "pps_systematic": _("systematic by size"),
    "poisson": _("Poisson: each on its own, by size, number random"),
    "sequential_poisson": _("sequential Poisson: by size, probabilities approximate"),
    "pareto": _("Pareto: by size, probabilities approximate"),
    "sampford": _("Sampford: by size, for strata of up to 10,000 units"),
    "tille": _("Tillé: by size, for strata of up to 20,000 units"),
}
EQUAL_ASSUMPTION = _(
    "Half-widths are those of a simple random sample without replacement in every stratum, as the published "
    "figures have them."
)
BY_SIZE_ASSUMPTION = _(
    "Units of unequal chances make wider half-widths than a simple random sample. The plan multiplies the "
    "variance by size_effect, the mean size times the mean of 1 / size, which holds where answers do not "
    "depend on the size; units drawn with certainty and the way in which pairs are drawn are passed over."
)
UNKNOWN_SIZES = _(
    "Of some strata the sizes are not known (the table has no size_effect for them). There the half-width is "
    "that of equal chances, and too narrow if sizes differ."
)
RANDOM_SIZE = _(
    "The number of answers is random: half-widths of several strata together contain the spread between "
    "them. They are narrower where the index method brings weights to the counts of the list."
)
ASSUMPTIONS: Mapping[str, Promise] = {
    "systematic": _(
        "Half-widths are those of a simple random sample. A list sorted by something that goes with the "
        "answers gives narrower ones, a list with a period of the length of the step wider ones."
    ),
    "pps_systematic": _(
        "Units of unequal chances make wider half-widths than a simple random sample. The plan multiplies "
        "the variance by size_effect, the mean size times the mean of 1 / size, and takes the list for one "
        "in random order: a sorted list may do better, one with a period worse."
    ),
}
"""What half-widths of a method take for granted, where its kind of method does not say it."""

CHAIN_LABELS: Mapping[str, Promise] = {
    "none": _("not coordinated"),
    "first": _("the first list of a chain"),
    "later": _("avoid or meet an earlier list of persons"),
}
KIND_LABELS: Mapping[str, Promise] = {
    "proportion": _("a share of satisfied people"),
    "mean": _("a mean"),
    "index": _("an index: the mean of many criteria"),
}
TOTAL_RULES = ("equal", "proportional", "neyman", "power", "cost_optimal")
"""Rules that need the total."""

REGION_LABELS: Mapping[str, Promise] = {
    "RRD": _("Red River Delta"),
    "NMM": _("Northern midlands and mountains"),
    "NC": _("North Central Coast"),
    "NCC": _("North Central and Central Coast"),
    "CH": _("Central Highlands"),
    "SCCH": _("South Central Coast and Central Highlands"),
    "SE": _("Southeast"),
    "MRD": _("Mekong River Delta"),
}
URBAN_LABELS: Mapping[str, Promise] = {TOWN: _("urban"), COUNTRY: _("rural")}
NUMBER_OF_PROVINCES = "34"

UNIT_LABELS: Mapping[str, Promise] = {
    "district": _("districts"),
    "commune": _("communes"),
    "village": _("villages"),
    "household": _("households, one adult of each"),
    "person": _("people"),
}
TOTAL_LABELS: Mapping[str, Promise] = {
    "district": _("Districts in all"),
    "commune": _("Communes in all"),
}
PER_STRATUM_LABELS: Mapping[str, Promise] = {
    "district": _("Districts per stratum"),
    "commune": _("Communes per stratum"),
}
TAKE_LABELS: Mapping[str, Promise] = {
    "commune": _("Communes per district"),
    "village": _("Villages per commune"),
    "household": _("Households per village"),
    "person": _("People per village"),
}
COST_LABELS: Mapping[str, Promise] = {
    "district": _("Travel to one district"),
    "commune": _("Travel to one commune"),
    "village": _("Listing of one village"),
    "household": _("One interview"),
    "person": _("One interview"),
}
CORRELATION_LABELS: Mapping[str, Promise] = {
    "district": _("between districts"),
    "commune": _("between communes"),
    "village": _("between villages of one commune"),
}
PURCHASE_LABELS: Mapping[str, Promise] = {
    "district": _("one more district"),
    "commune": _("one more commune"),
    "village": _("one more village in every commune"),
    "household": _("ten more households"),
    "person": _("ten more people"),
}
PATH_LABELS: Mapping[str, Promise] = {
    "district": _("more districts"),
    "commune": _("more communes"),
    "village": _("more villages per commune"),
    "household": _("more households per village"),
    "person": _("more people per village"),
}

DEFAULT_COSTS = {"district": 4_000, "commune": 3_000, "village": 600, "household": 60, "person": 60}
"""Thousands of đồng; assumed, without a source: enter those of your own round."""

DEFAULT_CORRELATIONS = {"district": 0.005, "commune": 0.01, "village": 0.03}
"""Assumed: with 6 communes, 3 villages and 31 people they give a design effect of 2.8. No agency has
published one for SIPAS; the design effects discussed for it are 2 to 3."""

DEFAULT_SHARE = 84
"""Per cent satisfied: SIPAS 2024 was 83.94."""

DEFAULT_RESPONSE = 95
"""Per cent: 94.6 % of the forms of 2021 and 96.3 % of those of 2019 were valid."""

DEFAULT_TARGET = 4.5


def stage_label(stage: Mapping[str, Any], labels: Mapping[str, Promise]) -> str:
    """Return the label of a stage, or the title that its template gives it."""
    code = stage["code"]
    title = stage.get("title", {}).get(active_language(), code)
    return str(labels.get(code, title))


def active_language() -> str:
    """Return the language of the documents that fits the active one."""
    return "en" if (get_language() or "vi").startswith("en") else "vi"


def attribute_label(name: str) -> str:
    """Return what makes strata, in words; the crossing of other attributes by their words."""
    if name in ATTRIBUTE_LABELS:
        return str(ATTRIBUTE_LABELS[name])
    parts = sorted((part for part in STRATUM_ATTRIBUTES if part in name), key=name.index)
    return ", ".join(str(ATTRIBUTE_LABELS[part]) for part in parts)


def stratum_label(stratum: str, provinces: Mapping[str, str]) -> str:
    """Return a stratum in words: names of provinces and regions, town or country, type of unit."""
    return ", ".join(provinces.get(part) or domain_name(part) for part in stratum.split(SEPARATOR))


def domain_name(name: str) -> str:
    """Return the name of a province, region or kind of area."""
    known = {**REGION_LABELS, **URBAN_LABELS}
    return str(known.get(name) or known.get(name.removesuffix(NUMBER_OF_PROVINCES)) or name)
