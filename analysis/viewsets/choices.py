"""What is asked before a working figure is computed; every form is sent by GET, so that it can be kept."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from analysis.estimation import SINGLE_PSU_POLICIES
from analysis.forms import POLICY_LABELS
from analysis.models import Snapshot
from analysis.selectors import province_names
from analysis.selectors.estimands import Estimand, EstimandGroup, Statistic
from analysis.services.working_estimates import WorkingRequest
from sampling.models.rounds import ESTIMABLE_STATUSES
from sampling.selectors import replacement_villages
from sampling.selectors.territories import Person, rounds_run_by

DOMAIN_LABELS: Mapping[str, Promise] = {
    "province": _("province"),
    "region": _("region"),
    "stratum": _("stratum"),
    "is_urban": _("urban or rural"),
    "sex": _("sex in the register"),
    "age_group": _("age group in the register"),
    "mode": _("mode"),
}
"""Columns of the design by which figures may be broken down."""
INTERVAL_LABELS: Mapping[str, Promise] = {
    "": _("the usual one: logit for shares and ratings, Student's t for other numbers"),
    "logit": _("logit"),
    "wilson": _("Wilson, with the effective sample size"),
    "korn_graubard": _("Korn and Graubard"),
    "arcsine": _("arcsine"),
    "t": _("symmetric, Student's t"),
}
BRIDGE_STATISTICS = (Statistic.SATISFIED, Statistic.MEAN, Statistic.POOLED)
SINGLE_PSU_LABELS: Mapping[str, Promise] = {
    policy: _("refuse to compute") if policy == "fail" else POLICY_LABELS[policy]
    for policy in SINGLE_PSU_POLICIES
}
NO_CHOICE = "–"


def closed_snapshots(user: Person = None) -> QuerySet[Snapshot]:
    """Return the snapshots of rounds that take no answers any more, the newest first.

    A person of a province gets those of its own rounds: snapshots of national rounds are not cut by province.
    """
    closed = Snapshot.objects.filter(round__status__in=ESTIMABLE_STATUSES, round__in=rounds_run_by(user))
    return closed.select_related("round__template").order_by("-created_at", "-pk")


class SnapshotField(forms.ModelChoiceField):
    """Names a snapshot by its round and its day."""

    def label_from_instance(self, obj: Any) -> str:
        """Return round, day and file."""
        day = date_format(localtime(obj.created_at), "SHORT_DATE_FORMAT")
        return f"{obj.round} · {day} · {obj.file_name}"


class WorkingForm(forms.Form):
    """What both pages ask: snapshot, estimand, statistic, interval, single PSUs."""

    snapshot = SnapshotField(
        closed_snapshots(),
        label=_("Round"),
        empty_label=None,
        help_text=_("Closed rounds only. After another round is chosen, its own questions are offered."),
    )
    statistic = forms.ChoiceField(label=_("Statistic"), choices=Statistic.choices)
    interval = forms.ChoiceField(label=_("Interval, 95%"), choices=INTERVAL_LABELS.items(), required=False)
    single_psu = forms.ChoiceField(
        label=_("A stratum with a single drawn unit"),
        choices=[
            ("", _("as published; refuse where nothing is published")),
            *SINGLE_PSU_LABELS.items(),
        ],
        required=False,
    )
    field_order: tuple[str, ...] = ()

    def __init__(
        self, data: Mapping[str, Any] | None, snapshot: Snapshot, groups: Iterable[EstimandGroup]
    ) -> None:
        super().__init__(data, initial={"snapshot": snapshot.pk})
        self.groups = tuple(groups)
        self.by_key: dict[str, Estimand] = {one.key: one for group in self.groups for one in group.estimands}
        choices = [(group.title, [(one.key, one.title) for one in group.estimands]) for group in self.groups]
        self.fields["estimand"] = forms.ChoiceField(label=_("What is estimated"), choices=choices)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be said of the estimand."""
        cleaned = super().clean() or {}
        estimand = self.by_key.get(cleaned.get("estimand", ""))
        statistic = cleaned.get("statistic")
        if estimand is not None and statistic and statistic not in estimand.statistics:
            known = ", ".join(str(Statistic(name).label) for name in estimand.statistics)
            self.add_error(
                "statistic",
                forms.ValidationError(
                    _("This cannot be computed for the question or part chosen. Choose: %(known)s."),
                    params={"known": known},
                ),
            )
        return cleaned

    def request(self) -> WorkingRequest:
        """Return what was asked for."""
        chosen = self.cleaned_data
        return WorkingRequest(
            estimand=self.by_key[chosen["estimand"]],
            statistic=chosen["statistic"],
            by=self.domains(),
            interval=chosen["interval"],
            single_psu=chosen["single_psu"],
            without_replacements=chosen.get("without_replacements", False),
        )

    def domains(self) -> tuple[str, ...]:
        """Return the columns by which the figure is broken down."""
        return ()


class EstimateForm(WorkingForm):
    """A figure by up to two columns of the design."""

    by_1 = forms.ChoiceField(label=_("By"), choices=[("", NO_CHOICE), *DOMAIN_LABELS.items()], required=False)
    by_2 = forms.ChoiceField(
        label=_("And by"), choices=[("", NO_CHOICE), *DOMAIN_LABELS.items()], required=False
    )
    field_order = ("snapshot", "estimand", "statistic", "by_1", "by_2", "interval", "single_psu")

    def __init__(
        self, data: Mapping[str, Any] | None, snapshot: Snapshot, groups: Iterable[EstimandGroup]
    ) -> None:
        super().__init__(data, snapshot, groups)
        if replacement_villages(snapshot.round):
            self.fields["without_replacements"] = forms.BooleanField(
                label=_("Without villages that replaced others"),
                help_text=_("Their respondents count as nonrespondents, and the weights are computed again."),
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Refuse the same column twice."""
        cleaned = super().clean()
        if cleaned.get("by_1") and cleaned.get("by_1") == cleaned.get("by_2"):
            self.add_error("by_2", forms.ValidationError(_("Choose another column, or none.")))
        return cleaned

    def domains(self) -> tuple[str, ...]:
        """Return the columns that were chosen."""
        return tuple(name for name in (self.cleaned_data["by_1"], self.cleaned_data["by_2"]) if name)


class BridgeForm(WorkingForm):
    """A figure of the nation or of one province, step by step."""

    field_order = ("snapshot", "estimand", "statistic", "province", "interval", "single_psu")

    def __init__(
        self, data: Mapping[str, Any] | None, snapshot: Snapshot, groups: Iterable[EstimandGroup]
    ) -> None:
        super().__init__(data, snapshot, groups)
        statistics = [(name, label) for name, label in Statistic.choices if name in BRIDGE_STATISTICS]
        provinces = [("", _("Whole country")), *province_names(snapshot.round).items()]
        self.fields["statistic"] = forms.ChoiceField(label=_("Statistic"), choices=statistics)
        self.fields["province"] = forms.ChoiceField(label=_("Where"), choices=provinces, required=False)
        self.order_fields(self.field_order)
