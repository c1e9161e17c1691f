"""What the planner asks about a list; its table may come with the address, pasted, or as a file."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sampling.design.list_coordination import DIGEST
from sampling.design.list_design import ListDesignError, ListOrder, Selection, Unit
from sampling.design.list_order import ORDER_COLUMNS
from sampling.design.schemes.registry import METHODS
from sampling.design.sizes import Conditions
from sampling.design.stratified import Rule
from sampling.viewsets.planner_fields import (
    CONFIDENCES,
    MOST_UNITS,
    PERCENT,
    Group,
    NumberField,
    NumbersField,
    PlannerForm,
    WholeField,
)
from sampling.viewsets.planner_strata import TableError, read_fixed, read_strata
from sampling.viewsets.planner_words import (
    CHAIN_LABELS,
    DEFAULT_SHARE,
    LIST_RULE_LABELS,
    SELECTION_LABELS,
    UNIT_OF_LIST_LABELS,
)

LONGEST_TABLE = 200_000
LARGEST_FILE = 500_000
DEFAULT_COST = 60
NOT_COORDINATED, FOLLOWING = "none", "later"
EXAMPLE = (
    "province;field;N;SD;mean;cost\n01;land;42000;38;82;60\n01;civil_status;95000;30;90;40\n"
    "79;land;61000;40;80;60\n79;civil_status;140000;31;89;40"
)


class ListForm(PlannerForm):
    """A sample of a list in strata."""

    table = forms.CharField(
        label=gettext_lazy("Strata"),
        required=False,
        max_length=LONGEST_TABLE,
        widget=forms.Textarea({"rows": 7, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One line of names, then one line per stratum. N counts the dossiers or persons; SD and mean are "
            "in points from 0 to 100 and may be left out, as may cost in thousand đồng. Further variables: "
            "SD_2, mean_2. size_effect is the mean size times the mean of 1 / size, for methods that draw by "
            "size. Every other column makes the strata."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file with the same table (CSV, UTF-8)"),
        required=False,
        allow_empty_file=True,
    )
    unit = forms.ChoiceField(label=gettext_lazy("What is drawn"), choices=UNIT_OF_LIST_LABELS.items())
    selection = forms.ChoiceField(label=gettext_lazy("Method of selection"), choices=SELECTION_LABELS.items())
    order = forms.CharField(
        label=gettext_lazy("Sorted by"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "For systematic selection: columns with commas between them, for example agency, settled_on. "
            "Without them the list stands in the order of its ids."
        ),
    )
    serpentine = forms.BooleanField(
        label=gettext_lazy("Serpentine: every second group the other way round"), required=False
    )
    chain = forms.ChoiceField(
        label=gettext_lazy("Coordination with other lists"), choices=CHAIN_LABELS.items()
    )
    previous = forms.CharField(
        label=gettext_lazy("SHA-256 of the commitment of the earlier list"), required=False, max_length=64
    )
    again = NumberField(
        gettext_lazy("Share of earlier respondents to ask again, %"),
        0,
        100,
        help_text=gettext_lazy("0 avoids them; 100 asks as many of them as possible."),
    )
    rule = forms.ChoiceField(label=gettext_lazy("Allocation"), choices=LIST_RULE_LABELS.items())
    n = WholeField(gettext_lazy("To ask in all"), 1, MOST_UNITS * 10)
    least = WholeField(gettext_lazy("Least per stratum"), 0, MOST_UNITS)
    most = WholeField(gettext_lazy("Most per stratum"), 1, MOST_UNITS, required=False)
    reserve = WholeField(
        gettext_lazy("Reserve in every stratum, %"),
        0,
        300,
        help_text=gettext_lazy("Only simple random selection has a reserve."),
    )
    fixed = forms.CharField(
        label=gettext_lazy("Fixed numbers by kind of unit"),
        required=False,
        max_length=500,
        help_text=gettext_lazy(
            "For the fixed rule: xã=150; phường=200; *=100, where * stands for all others."
        ),
    )
    q = NumberField(gettext_lazy("Exponent of the power allocation"), 0, 1)
    cv = NumbersField(
        gettext_lazy("Bethel: largest coefficient of variation per domain, %"),
        0.1,
        100,
        help_text=gettext_lazy("One number, or one for each variable: 3; 5."),
    )
    whole_cv = NumbersField(gettext_lazy("Bethel: the same for all together, %"), 0.05, 100, required=False)
    share = NumberField(gettext_lazy("Expected share where SD is left out, %"), 0, 100)
    cost = NumberField(gettext_lazy("Cost of an answer where it is left out, thousand đồng"), 0.1, 1_000_000)
    deff = NumberField(gettext_lazy("Design effect"), 0.1, 100)
    response = NumberField(gettext_lazy("Expected response rate, %"), 1, 100)
    confidence = forms.ChoiceField(label=gettext_lazy("Confidence level"), choices=CONFIDENCES)

    def __init__(
        self, sent: Mapping[str, Any], files: MultiValueDict[str, UploadedFile] | None = None
    ) -> None:
        super().__init__({**DEFAULTS, **sent}, files, auto_id="plan_%s")

    def clean(self) -> dict[str, Any]:
        """Read the table, from the file if there is one, and the numbers by kind."""
        cleaned = super().clean() or {}
        try:
            cleaned["read"] = read_strata(
                self._text(cleaned), share=cleaned.get("share", DEFAULT_SHARE), cost=cleaned.get("cost", 1)
            )
        except TableError as error:
            self.add_error("table", str(error))
        try:
            cleaned["by_kind"] = read_fixed(cleaned.get("fixed", ""))
        except TableError as error:
            self.add_error("fixed", str(error))
        if cleaned.get("most") is not None and cleaned["most"] < (cleaned.get("least") or 0):
            self.add_error("most", _("Enter at least as many as the least per stratum."))
        self._check_numbers(cleaned)
        self._check_selection(cleaned)
        return cleaned

    def _check_numbers(self, cleaned: Mapping[str, Any]) -> None:
        """Refuse more or fewer coefficients of variation than there are variables."""
        if "read" not in cleaned:
            return
        n_variables = len(cleaned["read"].strata[0].sds)
        for name in ("cv", "whole_cv"):
            if len(cleaned.get(name) or (0,)) not in {1, n_variables}:
                self.add_error(
                    name,
                    ngettext(
                        "The table has %(n)s variable: enter one number.",
                        "The table has %(n)s variables: enter one number, or one for each.",
                        n_variables,
                    )
                    % {"n": n_variables},
                )

    def _check_selection(self, cleaned: Mapping[str, Any]) -> None:
        """Refuse an order or a coordination that does not go with the method."""
        method = METHODS.get(cleaned.get("selection", ""))
        if method is None:
            return
        try:
            order = ListOrder.from_document({"by": self._columns(cleaned)})
        except ListDesignError:
            self.add_error("order", _("Columns are: %(names)s.") % {"names": ", ".join(ORDER_COLUMNS)})
        else:
            if order.by and not method.uses_order:
                self.add_error("order", _("Only systematic selection walks through a sorted list."))
        if cleaned.get("chain") == NOT_COORDINATED:
            return
        if cleaned.get("unit") != Unit.PERSON:
            self.add_error("chain", _("Draw persons: the dossiers of two lists are never the same."))
        if not method.supports_coordination:
            self.add_error(
                "chain", _("Choose a method with one number per unit, such as simple random or Pareto.")
            )
        if cleaned.get("chain") == FOLLOWING and not DIGEST.fullmatch(cleaned.get("previous", "").strip()):
            self.add_error("previous", _("Enter the 64 hexadecimal digits from the page of that draw."))

    def _columns(self, cleaned: Mapping[str, Any]) -> list[str]:
        """Return the columns of the order."""
        return [name.strip() for name in cleaned.get("order", "").split(",") if name.strip()]

    def design_parts(self) -> dict[str, Any]:
        """Return what the design says of unit, method, order, reserve and coordination."""
        chosen, method = self.cleaned_data, METHODS[self.cleaned_data["selection"]]
        columns = self._columns(chosen)
        parts: dict[str, Any] = {
            "unit": chosen["unit"],
            "selection": chosen["selection"],
            "measure_of_size": "size" if method.needs_size else None,
            "reserve_percent": chosen["reserve"] if chosen["selection"] == Selection.SIMPLE_RANDOM else 0,
        }
        if columns:
            parts["order"] = {"by": columns, "serpentine": chosen["serpentine"]}
        if chosen["chain"] == FOLLOWING:
            share = Fraction(str(chosen["again"])) / PERCENT
            parts["coordination"] = {"previous": chosen["previous"].strip(), "share": str(share)}
        elif chosen["chain"] != NOT_COORDINATED:
            parts["coordination"] = {}
        return parts

    def _text(self, cleaned: Mapping[str, Any]) -> str:
        """Return the table as text, and keep it in the form so that it can be sent again."""
        upload = cleaned.get("file")
        if not upload:
            return str(cleaned.get("table", ""))
        if upload.size > LARGEST_FILE:
            raise TableError(_("The file is too large: at most 500 KB."))
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise TableError(_("The file is not UTF-8. Save it as CSV UTF-8 and choose it again.")) from error
        self.data = dict(self.data) | {"table": text}
        return str(text)

    def rule_asked(self) -> Rule:
        """Return the rule with its numbers."""
        chosen = self.cleaned_data
        return Rule(
            name=chosen["rule"],
            n=chosen["n"],
            exponent=chosen["q"],
            fixed=chosen["by_kind"],
            cv=[cv / PERCENT for cv in chosen["cv"]],
            whole_cv=[cv / PERCENT for cv in chosen["whole_cv"]] or None,
            minimum=chosen["least"],
            maximum=chosen["most"],
        )

    def conditions(self) -> Conditions:
        """Return what the margins depend on."""
        chosen = self.cleaned_data
        return Conditions(
            confidence=int(chosen["confidence"]) / PERCENT,
            deff=chosen["deff"],
            response_rate=chosen["response"] / PERCENT,
        )

    @cached_property
    def groups(self) -> list[Group]:
        """Return the fields in the order of the page."""
        rule = self["rule"].value()
        return [
            self.group(gettext_lazy("List"), ["table", "file", "unit", "reserve"]),
            self.group(
                gettext_lazy("Selection"),
                ["selection", "order", "serpentine", "chain", "previous", "again"],
                is_open=self["selection"].value() != "simple_random"
                or self["chain"].value() != NOT_COORDINATED,
            ),
            self.group(gettext_lazy("Allocation"), ["rule", "n", "least", "most"]),
            self.group(
                gettext_lazy("Numbers of single rules"),
                ["fixed", "q", "cv", "whole_cv"],
                is_open=rule in {"fixed", "power", "bethel"},
            ),
            self.group(
                gettext_lazy("How answers differ, and what they cost"),
                ["share", "deff", "response", "confidence", "cost"],
                note=gettext_lazy(
                    "Assumed where the table says nothing. Enter what a former round has shown."
                ),
                is_open=False,
            ),
        ]


DEFAULTS: Mapping[str, Any] = {
    "table": EXAMPLE,
    "unit": "dossier",
    "selection": "simple_random",
    "chain": NOT_COORDINATED,
    "again": 0,
    "rule": "neyman",
    "n": 1_600,
    "least": 30,
    "reserve": 20,
    "q": 0.5,
    "cv": 3,
    "share": DEFAULT_SHARE,
    "cost": DEFAULT_COST,
    "deff": 1,
    "response": 60,
    "confidence": "95",
}
