"""Reserves and replaced villages in the admin: what is left, and the release with its reason."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from sampling.models import Case, SampledUnit, SamplingFrame, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.selectors.frames import last_stage_of
from sampling.selectors.replacements import commune_states
from sampling.selectors.reserves import Pool, reserve_pools
from sampling.selectors.territories import province_of, runs_round, sees_round
from sampling.services import (
    CaseError,
    RegisterError,
    RoundStateError,
    release_list_reserve,
    release_reserve,
    replace_unit,
)
from sampling.services.kept_uploads import KeptUploads
from sampling.services.replacement import next_of_list
from sampling.viewsets.awaited import HouseholdsForm, RegistersForm
from sampling.viewsets.awaited_lists import Reading, last_lists, read_last
from sampling.viewsets.handing_out import PlacedMixin
from sampling.viewsets.repairs import RepairsMixin

RELEASE, REPLACE = "sampling.change_case", "sampling.change_sampledunit"
LONGEST_REASON = 200


class Reason(models.TextChoices):
    """Why a reserve is released."""

    REFUSED = "refused", gettext_lazy("refused")
    MOVED = "moved", gettext_lazy("moved away")
    DIED = "died", gettext_lazy("deceased")
    NOT_MET = "not_met", gettext_lazy("not met after three visits")
    OTHER = "other", gettext_lazy("another reason, in words")


class ReleaseForm(forms.Form):
    """Reason, and words where the reason is another one."""

    reason = forms.ChoiceField(label=gettext_lazy("Why the case is replaced"), choices=Reason.choices)
    words = forms.CharField(label=gettext_lazy("In words"), max_length=LONGEST_REASON - 40, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for words where the choice says nothing."""
        values = super().clean() or {}
        if values.get("reason") == Reason.OTHER and not values.get("words", "").strip():
            self.add_error("words", _("Say in words why the case is replaced."))
        return values

    @property
    def text(self) -> str:
        """What is kept with the released reserve."""
        words: str = self.cleaned_data["words"].strip()
        if self.cleaned_data["reason"] == Reason.OTHER:
            return words
        label = str(Reason(self.cleaned_data["reason"]).label)
        return f"{label}: {words}" if words else label


class ReservesView(PlacedMixin, TemplateView):
    """Every village of a province with its cases by outcome and what is left of the reserve."""

    needed_right = RELEASE
    template_name = "sampling/reserves.html"
    page_title = gettext_lazy("Reserves and replacements")
    header_icon = "group"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Count the pools."""
        province = self.chosen_province()
        user = self.request.user
        is_open = self.survey_round.status == RoundStatus.OPEN
        may_release = is_open and may_release_in(user, self.survey_round)
        return super().get_context_data(**kwargs) | {
            "place_form": self.place_form(),
            "province": province,
            "pools": reserve_pools(self.sample, province) if province else [],
            "communes": commune_states(self.sample, province) if province else [],
            "shared_strata": self.shared_strata(),
            "is_open": may_release,
            "may_replace": is_open and user.has_perm(REPLACE) and province_of(user) is None,
        }

    def shared_strata(self) -> frozenset[str]:
        """Return the strata of a list that whoever works for one province may not release alone."""
        home = province_of(self.request.user)
        if home is None:
            return frozenset()
        cases = Case.objects.filter(sample=self.sample, village__stage=SampledUnit.Stage.AGENCY)
        return frozenset(cases.exclude(village__province=home).values_list("stratum", flat=True).distinct())


def may_release_in(user: Any, survey_round: SurveyRound) -> bool:
    """Tell whether a person may release reserves in a round: of a national one, those of their province."""
    return runs_round(user, survey_round) or (
        survey_round.territory_id is None and sees_round(user, survey_round)
    )


class PoolMixin(PlacedMixin):
    """A page for one pool, kept to the province of whoever works for one."""

    @cached_property
    def pool(self) -> Pool:
        """Return the pool in the address."""
        pools = {pool.key: pool for pool in reserve_pools(self.sample, None)}
        if self.kwargs["key"] not in pools:
            raise Http404
        pool = pools[self.kwargs["key"]]
        home = province_of(self.request.user)
        provinces = {pool.unit.province_id} if pool.unit else self._provinces(pool)
        if home is not None and provinces != {home}:
            raise PermissionDenied
        return pool

    def _provinces(self, pool: Pool) -> set[int]:
        """Return the provinces of a stratum."""
        cases = Case.objects.filter(sample=self.sample, stratum=pool.name)
        return set(cases.values_list("village__province", flat=True))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the pool and the way back."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"pool": self.pool, "back_url": self.back_url()}

    def back_url(self) -> str:
        """Return the address of the province of the pool."""
        address = reverse("surveyround:reserves", args=[self.survey_round.pk])
        return f"{address}?province={self.pool.unit.province_id}" if self.pool.unit else address


class ReleaseView(PoolMixin, FormView):
    """Releases the next reserve of a pool."""

    needed_right = RELEASE
    form_class = ReleaseForm
    template_name = "sampling/reserve_release.html"
    page_title = gettext_lazy("Release the next reserve")
    header_icon = "group"

    def form_valid(self, form: ReleaseForm) -> HttpResponse:
        """Hand over to the service."""
        pool = self.pool
        try:
            if pool.unit:
                case = release_reserve(village=pool.unit, reason=form.text, user=self.staff)
            else:
                case = release_list_reserve(
                    sample=self.sample, stratum=pool.name, reason=form.text, user=self.staff
                )
        except (CaseError, RoundStateError) as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(
            self.request,
            _("Case %(number)s is released and on the lists from now on. It needs a letter of its own.")
            % {"number": case.number},
        )
        return redirect(self.back_url())


class ReplaceForm(forms.Form):
    """Reason and list."""

    reason = forms.CharField(
        label=gettext_lazy("Why the village cannot be surveyed"),
        help_text=gettext_lazy("The reason is published with the proof of the draw: name no person."),
        max_length=LONGEST_REASON,
    )
    register = forms.FileField(
        label=gettext_lazy("Register of the village that takes its place"),
        help_text=RegistersForm.base_fields["registers"].help_text,
    )

    def __init__(self, *args: Any, stage: str, **kwargs: Any) -> None:
        """Ask for a list of households where the round draws them."""
        super().__init__(*args, **kwargs)
        if stage == SamplingFrame.Stage.HOUSEHOLD:
            field = self.fields["register"]
            field.label = _("List of households of the village that takes its place")
            field.help_text = HouseholdsForm.base_fields["registers"].help_text


class ReplaceView(RepairsMixin, PoolMixin, FormView):
    """Replaces a village by the one that the rule gives."""

    needed_right = REPLACE
    form_class = ReplaceForm
    files_field = "register"
    template_name = "sampling/reserve_replace.html"
    page_title = gettext_lazy("Replace a village")
    header_icon = "group"
    consequence = gettext_lazy("The village is replaced, and its respondents are drawn at once.")

    @property
    def last_stage(self) -> str:
        """What the village lists: adults or households."""
        return last_stage_of(self.survey_round)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Say what the village lists."""
        return super().get_form_kwargs() | {"stage": self.last_stage}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the village that the rule gives."""
        context = super().get_context_data(**kwargs)
        try:
            listed = next_of_list(self.pool.unit) if self.pool.unit else None
        except CaseError as error:
            return context | {"refusal": str(error)}
        return context | {"next": listed}

    def read_files(self, kept: KeptUploads) -> Reading:
        """Read the list; it must be of the village that the rule gives."""
        if self.pool.unit is None:
            raise Http404
        reading = read_last(kept, self.last_stage)
        code, lists = next_of_list(self.pool.unit).frame_unit.code, last_lists(reading).lists
        if code not in lists:
            raise RegisterError(
                _("Expected the register of village %(code)s, got %(got)s.")
                % {"code": code, "got": ", ".join(sorted(lists)[:3])}
            )
        return reading

    def carry_out(self, reading: Reading, values: Mapping[str, Any]) -> HttpResponse:
        """Replace the village."""
        unit = cast("SampledUnit", self.pool.unit)
        code, read = next_of_list(unit).frame_unit.code, last_lists(reading)
        village = replace_unit(
            unit=unit,
            reason=values["reason"],
            register=read.lists[code],
            heads=read.heads.get(code, ()),
            user=self.staff,
        )
        messages.success(
            self.request,
            _("Village %(village)s takes the place of %(replaced)s; its respondents are drawn.")
            % {"village": village.frame_unit.name, "replaced": self.pool.name},
        )
        return redirect(self.back_url())


RESERVE_URLS = [
    path("<int:pk>/reserves/", ReservesView.as_view(), name="reserves"),
    path("<int:pk>/reserves/<str:key>/release/", ReleaseView.as_view(), name="release_reserve"),
    path("<int:pk>/reserves/<str:key>/replace/", ReplaceView.as_view(), name="replace_village"),
]
"""Pages of reserves and replacements."""
