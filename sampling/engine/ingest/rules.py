"""What every row of a list must keep, as conditions of a query; the words are put to the codes elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from sampling.engine.ingest.findings import Severity
from sampling.engine.ingest.staging import TOO_LONG

LONGEST_FIELD, LONGEST_CHANNEL, LONGEST_NAME = 60, 24, 120
ID_SHAPE = "[0-9A-Za-z][0-9A-Za-z._/-]{0,31}"
AGENCY_SHAPE = "[0-9A-Za-z][0-9A-Za-z._/-]{0,23}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition that is true where the rule is broken, and what is quoted there."""

    code: str
    column: str
    broken: str
    got: str = "''"
    value: str = "''"
    severity: Severity = "error"


_IS_KNOWN_DAY = "settled_on >= known_from"

RULES: Sequence[Rule] = (
    Rule("missing", "id", "id = ''"),
    Rule("id_malformed", "id", f"id <> '' AND NOT regexp_full_match(id, '{ID_SHAPE}')", "left(id, 60)"),
    Rule("missing", "agency", "agency = ''"),
    Rule(
        "agency_malformed",
        "agency",
        f"agency <> '' AND NOT regexp_full_match(agency, '{AGENCY_SHAPE}')",
        "left(agency, 60)",
    ),
    Rule("agency_unknown", "agency", "agency <> '' AND agency_is_unknown", "agency"),
    Rule("missing", "province", "province = ''"),
    Rule(
        "province_unknown",
        "province",
        f"province <> '' AND province_unit IS NULL AND province_ever IS NULL AND {_IS_KNOWN_DAY}",
        "province",
    ),
    Rule(
        "province_of_other_period",
        "province",
        f"province_unit IS NULL AND province_ever IS NOT NULL AND {_IS_KNOWN_DAY}",
        "province",
        "province_today",
    ),
    Rule(
        "outside_territory",
        "province",
        "territory <> '' AND today <> '' AND territory NOT IN (today, province)",
        "province",
        "territory",
    ),
    Rule(
        "commune_unknown",
        "commune",
        f"commune_code <> '' AND commune_unit IS NULL AND commune_ever IS NULL AND {_IS_KNOWN_DAY}",
        "commune_code",
    ),
    Rule(
        "commune_of_other_period",
        "commune",
        f"commune_unit IS NULL AND commune_ever IS NOT NULL AND {_IS_KNOWN_DAY}",
        "commune_code",
        "strftime(settled_on, '%d/%m/%Y')",
    ),
    Rule(
        "commune_elsewhere",
        "commune",
        "commune_province <> province AND province_unit IS NOT NULL",
        "commune_code",
        "commune_province",
    ),
    Rule("level_unknown", "level", "starts_with(level, '?')", "left(substr(level, 2), 60)"),
    Rule("missing", "field", "field = ''"),
    Rule(
        "field_malformed",
        "field",
        f"contains(field, '|') OR length(field) > {LONGEST_FIELD}",
        "left(field, 60)",
        f"'{LONGEST_FIELD}'",
    ),
    Rule("missing", "settled_on", "settled_on IS NULL AND settled_raw = ''"),
    Rule("day_malformed", "settled_on", "settled_on IS NULL AND settled_raw <> ''", "left(settled_raw, 40)"),
    Rule(
        "day_outside",
        "settled_on",
        "settled_on NOT BETWEEN first_day AND last_day",
        "strftime(settled_on, '%d/%m/%Y')",
        "strftime(first_day, '%d/%m/%Y') || '–' || strftime(last_day, '%d/%m/%Y')",
    ),
    Rule("missing", "party", "party = ''"),
    Rule("party_unknown", "party", "starts_with(party, '?')", "left(substr(party, 2), 60)"),
    Rule("missing", "size", "size IS NULL AND size_raw = ''"),
    Rule("size_malformed", "size", "size IS NULL AND size_raw <> ''", "left(size_raw, 40)"),
    Rule("person_malformed", "person_id", "person_shape = 'malformed'", "person_masked"),
    Rule("unreadable", "", "is_unreadable"),
    Rule(
        "too_long", "agency_name", f"length(agency_name) > {LONGEST_NAME}", "left(agency_name, 40) || '…'",
        f"'{LONGEST_NAME}'",
    ),
    Rule("too_long", "channel", f"length(ltrim(channel, '?')) > {LONGEST_CHANNEL}", "left(channel, 40)",
         f"'{LONGEST_CHANNEL}'"),
    *(
        Rule("too_long", column, f"is_long_{column}", "''", f"'{longest}'")
        for column, longest in TOO_LONG.items()
    ),
    Rule("channel_unknown", "channel", "starts_with(channel, '?')", "left(substr(channel, 2), 60)",
         severity="warning"),
    Rule("zero_lost", "province", "has_lost_zero", "province", severity="warning"),
    Rule("person_zero_lost", "person_id", "person_shape = 'padded'", severity="warning"),
    Rule("person_missing", "person_id", "party = 'person' AND person_shape = 'none'", severity="warning"),
    Rule("units_not_known", "settled_on", "settled_on < known_from", "strftime(settled_on, '%d/%m/%Y')",
         "strftime(known_from, '%d/%m/%Y')", severity="warning"),
)  # fmt: skip
"""Rules of single rows, in the order of the report."""

CONTACT_RULES: Sequence[Rule] = (Rule("contact_missing", "full_name", "has_no_contact", severity="warning"),)
"""Rules that hold where the files have contacts at all."""
