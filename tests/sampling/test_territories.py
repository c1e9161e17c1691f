"""A person of a province sees national rounds and those of the province, and changes only the latter."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from wagtail.admin.views.generic import InspectView
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.views.generic.usage import UsageView
from wagtail.permissions import policy_registry

from sampling.models import (
    AdministrativeUnit,
    FrameUnit,
    Sample,
    SamplingFrame,
    SurveyRound,
    TerritoryMember,
)
from sampling.models.territories import BOUND_TO_PROVINCE
from sampling.selectors import province_of, rounds_seen_by, runs_round, sees_round
from sampling.selectors.territories import NOWHERE
from sampling.services import (
    FrameRefusedError,
    abandon_draw,
    carry_out_draw,
    check_draw,
    commit_draw,
    draft_draw,
    draw_sample,
    issue_draw,
    load_frame,
    open_round,
    receive_registers,
    receive_units,
)
from sampling.services.issuing.access import within_territory
from sampling.services.issuing.scopes import Scope
from sampling.viewsets.listings import (
    FrameUnitViewSet,
    SampleViewSet,
    SamplingFrameViewSet,
    SurveyRoundViewSet,
)
from sampling.viewsets.territories import TerritoryObjectMixin
from survey_site.core.roles import ensure_roles
from tests.sampling.draws import SOURCE, checked, committed, framed_round, later, tomorrow
from tests.sampling.makers import (
    MERGER,
    REFERENCE_DATE,
    commune_rows,
    load,
    make_round,
    make_sample,
    make_template,
    make_unit,
    make_units,
    register,
    village_rows,
)

pytestmark = pytest.mark.django_db

RIGHTS = (
    "access_admin", "view_surveyround", "add_surveyround", "change_surveyround", "delete_surveyround",
    "view_sample", "view_samplingframe", "view_frameunit", "draw_sample", "commit_draw", "issue_draw",
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


@pytest.fixture
def member(django_user_model: Any) -> Any:
    """Somebody of Tây Ninh (80) with all rights of a statistician."""
    make_units()
    make_unit("province", "79", "TP Hồ Chí Minh", unit_type="thành phố", valid_from=MERGER)
    user = django_user_model.objects.create_user("tayninh", password="x")
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    TerritoryMember.objects.create(user=user, province=province("80"))
    return user


def province(code: str) -> AdministrativeUnit:
    return AdministrativeUnit.objects.get(level="province", code=code, valid_to=None)


def rounds(**changes: Any) -> tuple[SurveyRound, SurveyRound, SurveyRound]:
    """A national round, one of Tây Ninh, one of another province."""
    template = make_template()
    return (
        make_round(code="national", template=template, **changes),
        make_round(code="own", template=template, territory=province("80"), **changes),
        make_round(code="other", template=template, territory=province("79"), **changes),
    )


def test_rounds_of_other_provinces_are_not_seen(member: Any, admin_user: Any):
    national, own, other = rounds()
    assert set(rounds_seen_by(member)) == {national, own}
    assert set(rounds_seen_by(admin_user)) == {national, own, other}
    assert set(rounds_seen_by(None)) == {national, own, other}


def test_policy_lets_a_province_change_its_own_rounds(member: Any):
    national, own, other = rounds()
    policy = policy_registry.get_by_type(SurveyRound)

    def may(action: str) -> list[bool]:
        return [
            policy.user_has_permission_for_instance(member, action, each) for each in (national, own, other)
        ]

    assert may("view") == [True, True, False]
    assert may("change") == [False, True, False]
    assert may("delete") == [False, True, False]


def test_admin_closes_pages_of_other_provinces(member: Any, client: Client):
    national, own, other = rounds()
    client.force_login(member)

    def status(name: str, survey_round: SurveyRound, *more: str) -> int:
        return client.get(reverse(f"surveyround:{name}", args=[survey_round.pk, *more])).status_code

    every = (national, own, other)
    assert [status("inspect", each) for each in every] == [200, 200, 302]
    assert [status("edit", each) for each in every] == [302, 200, 302]
    assert [status("frame", each) for each in every] == [302, 200, 302]
    assert [status("stage", each, "commune") for each in every] == [200, 200, 302]
    assert [status("draw_step", each, "commune", "draft") for each in every] == [302, 200, 302]
    listing = client.get(reverse("surveyround:index")).content.decode()
    assert ("national" in listing, "own" in listing, "other" in listing) == (True, True, False)


def test_samples_and_frames_of_other_provinces_are_closed(member: Any, client: Client):
    _national, own, other = rounds()
    for survey_round in (own, other):
        SamplingFrame.objects.create(
            round=survey_round,
            stage="commune",
            source="x",
            reference_date=REFERENCE_DATE,
            n_units=1,
            digest="0" * 64,
        )
    client.force_login(member)
    frames = {frame.round: frame.pk for frame in SamplingFrame.objects.all()}
    assert client.get(reverse("samplingframe:inspect", args=[frames[own]])).status_code == 200
    assert client.get(reverse("samplingframe:inspect", args=[frames[other]])).status_code == 302
    listing = client.get(reverse("samplingframe:index")).context["object_list"]
    assert [frame.pk for frame in listing] == [frames[own]]


def kept_frame(survey_round: SurveyRound) -> SamplingFrame:
    frame = SamplingFrame.objects.create(
        round=survey_round,
        stage="commune",
        source="x",
        reference_date=REFERENCE_DATE,
        n_units=1,
        digest="0" * 64,
    )
    FrameUnit.objects.create(frame=frame, code="80001", name="Xã", measure_of_size=1)
    return frame


def kept_sample(survey_round: SurveyRound) -> Sample:
    counts = dict.fromkeys(("n_communes", "n_villages", "n_persons", "n_reserves"), 0)
    return Sample.objects.create(round=survey_round, template=survey_round.template, seed="s", **counts)


@pytest.mark.parametrize("page", ["inspect", "history", "history_results", "usage"])
def test_no_page_of_a_round_is_open_to_another_province(member: Any, client: Client, page: str):
    national, own, other = rounds()
    client.force_login(member)
    found = [
        client.get(reverse(f"surveyround:{page}", args=[each.pk])).status_code
        for each in (national, own, other)
    ]
    assert found == [200, 200, 302]


@pytest.mark.parametrize("page", ["inspect", "history", "history_results", "usage"])
def test_no_page_of_what_belongs_to_a_round_is_open_to_another_province(
    member: Any, client: Client, page: str
):
    _national, own, other = rounds()
    client.force_login(member)

    def found(survey_round: SurveyRound) -> list[int]:
        frame = kept_frame(survey_round)
        records = {
            "samplingframe": frame,
            "frameunit": frame.units.get(),
            "sample": kept_sample(survey_round),
        }
        addresses = [reverse(f"{name}:{page}", args=[each.pk]) for name, each in records.items()]
        return [client.get(address).status_code for address in addresses]

    assert found(other) == [302] * 3
    assert found(own) == [200 if page == "inspect" else 302] * 3


@pytest.mark.parametrize(
    ("viewset", "path"),
    [
        (SurveyRoundViewSet, ""),
        (SamplingFrameViewSet, "round__"),
        (FrameUnitViewSet, "frame__round__"),
        (SampleViewSet, "round__"),
    ],
)
def test_every_view_of_a_record_is_guarded(viewset: Any, path: str):
    views = viewset().guarded(HistoryView), viewset().guarded(UsageView), viewset().guarded(InspectView)
    assert all(issubclass(view, TerritoryObjectMixin) for view in views)
    assert {view.territory_path for view in views} == {path}


@pytest.mark.parametrize(
    ("listing", "name", "path"),
    [("samplingframe", "round", ""), ("frameunit", "frame", "round__"), ("sample", "round", "")],
)
def test_filters_name_no_round_of_another_province(
    member: Any, admin_user: Any, client: Client, listing: str, name: str, path: str
):
    for survey_round in rounds():
        kept_frame(survey_round)
        kept_sample(survey_round)

    def offered(user: Any) -> set[str]:
        client.force_login(user)
        answer = client.get(reverse(f"{listing}:index"))
        choices = answer.context["filters"].form.fields[name].queryset
        return set(choices.values_list(f"{path}code", flat=True))

    assert offered(member) == {"national", "own"}
    assert offered(admin_user) == {"national", "own", "other"}


def test_filter_by_a_round_of_another_province_finds_nothing(member: Any, client: Client):
    _national, own, other = rounds()
    kept_frame(own)
    kept_frame(other)
    client.force_login(member)
    answer = client.get(reverse("samplingframe:index"), {"round": other.pk})
    assert other not in [frame.round for frame in answer.context["object_list"]]
    assert not answer.context["filters"].is_valid()


def test_round_of_a_province_belongs_to_it(member: Any):
    template = make_template()
    assert make_round(code="a", template=template, user=member).territory == province("80")
    with pytest.raises(PermissionDenied):
        make_round(code="b", template=template, user=member, territory=province("79"))


def test_services_refuse_a_person_of_another_province(member: Any):
    national, _own, _other = rounds()
    load(national, "commune", commune_rows())
    draw = checked(national)
    refused = {
        "frame": lambda: load_frame(
            round=national,
            stage="commune",
            rows=commune_rows(),
            source="x",
            reference_date=REFERENCE_DATE,
            user=member,
        ),
        "open": lambda: open_round(round=make_sample_of(national), user=member),
        "draw": lambda: draw_sample(round=national, seed="x", registers=register, user=member),
        "draft": lambda: draft_draw(round=national, stage="commune", user=member),
        "check": lambda: check_draw(draw=draw, user=member),
        "commit": lambda: commit_draw(
            draw=draw, public_source=SOURCE, public_value_due=tomorrow(), user=member
        ),
        "carry out": lambda: carry_out_draw(draw=draw, public_value="1", user=member),
        "issue": lambda: issue_draw(draw=draw, user=member),
        "abandon": lambda: abandon_draw(draw=draw, reason="x", user=member),
        "units": lambda: receive_units(
            round=national, stage="village", rows=[], source="x", reference_date=REFERENCE_DATE, user=member
        ),
        "registers": lambda: receive_registers(round=national, villages=[], registers={}, user=member),
    }
    for name, call in refused.items():
        with pytest.raises(PermissionDenied):
            call()
        draw.refresh_from_db()
        assert draw.status == "checked", name


def make_sample_of(survey_round: SurveyRound) -> SurveyRound:
    """The same round, as if its sample were complete."""
    survey_round.sample = Sample(fingerprint="0" * 64)
    return survey_round


@pytest.mark.usefixtures("member")
def test_frame_of_a_province_takes_units_of_the_province_only():
    _national, _own, other = rounds()
    with pytest.raises(FrameRefusedError) as caught:
        load(other, "commune", commune_rows())
    assert {problem.code.value for problem in caught.value.report.problems} == {"outside_territory"}
    with pytest.raises(FrameRefusedError):
        load(other, "village", village_rows())


def test_province_draws_its_own_round_from_beginning_to_end(member: Any):
    survey_round = make_round(code="own", user=member)
    load(survey_round, "commune", commune_rows())
    draw = committed(survey_round)
    with later():
        carry_out_draw(draw=draw, public_value="1", user=member)
    assert issue_draw(draw=draw, user=member).status == "issued"


def test_national_sample_is_shown_to_a_province(client: Client, django_user_model: Any):
    sample = make_sample()
    user = django_user_model.objects.create_user("tayninh", password="x")
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    TerritoryMember.objects.create(user=user, province=province("80"))
    client.force_login(user)
    assert client.get(reverse("sample:inspect", args=[sample.pk])).status_code == 200
    SurveyRound.objects.update(territory=AdministrativeUnit.objects.get(code="72", level="province"))
    assert client.get(reverse("sample:inspect", args=[sample.pk])).status_code == 302
    assert client.get(reverse("sample:order", args=[sample.pk])).status_code == 302
    assert client.get(reverse("surveyround:drawn_list", args=[sample.round.pk])).status_code == 302


def test_people_are_tied_to_provinces_of_today(admin_client: Client, django_user_model: Any):
    make_units()
    url = reverse("territorymember:add")
    offered = admin_client.get(url).context["form"].fields["province"].queryset
    assert [unit.code for unit in offered] == ["80"]
    user = django_user_model.objects.create_user("tayninh", password="x")
    admin_client.post(url, {"user": user.pk, "province": offered[0].pk})
    assert TerritoryMember.objects.get().user == user


def test_round_form_offers_the_own_province(member: Any, client: Client, admin_client: Client):
    url = reverse("surveyround:add")
    everywhere = admin_client.get(url).context["form"].fields["territory"].queryset
    assert {unit.code for unit in everywhere} == {"79", "80"}
    client.force_login(member)
    own = client.get(url).context["form"].fields["territory"].queryset
    assert [unit.code for unit in own] == ["80"]


def test_what_a_draw_stands_on_is_locked_in_the_form(admin_client: Client):
    survey_round = framed_round()
    url = reverse("surveyround:edit", args=[survey_round.pk])
    assert not admin_client.get(url).context["form"].fields["template"].disabled
    draft_draw(round=survey_round, stage="commune")
    fields = admin_client.get(url).context["form"].fields
    assert [name for name, field in fields.items() if field.disabled] == ["code", "template", "territory"]


def test_round_with_a_commitment_is_not_deleted(admin_user: Any):
    survey_round = framed_round()
    policy = policy_registry.get_by_type(SurveyRound)
    assert policy.user_has_permission_for_instance(admin_user, "delete", survey_round)
    abandon_draw(draw=committed(survey_round), reason="Sai nguồn công khai")
    assert not policy.user_has_permission_for_instance(admin_user, "delete", survey_round)


@pytest.fixture
def unplaced(django_user_model: Any) -> Any:
    """Somebody with the provincial role whom nobody has given a province."""
    make_units()
    user = django_user_model.objects.create_user("unplaced", password="x")
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    user.groups.add(ensure_roles()["provincial_statistician"])
    return user


def test_provincial_role_without_a_province_sees_no_round(unplaced: Any, client: Client):
    make_unit("province", "79", "TP Hồ Chí Minh", unit_type="thành phố", valid_from=MERGER)
    every = rounds()
    assert not rounds_seen_by(unplaced).exists()
    assert not any(sees_round(unplaced, each) or runs_round(unplaced, each) for each in every)
    client.force_login(unplaced)
    listing = client.get(reverse("surveyround:index")).context["object_list"]
    assert list(listing) == []
    for each in every:
        assert client.get(reverse("surveyround:inspect", args=[each.pk])).status_code == 302
        assert client.get(reverse("surveyround:stage", args=[each.pk, "commune"])).status_code == 302


def test_provincial_role_without_a_province_prepares_no_round(unplaced: Any, client: Client):
    with pytest.raises(PermissionDenied):
        make_round(code="a", user=unplaced)
    client.force_login(unplaced)
    offered = client.get(reverse("surveyround:add")).context["form"].fields["territory"].queryset
    assert not offered.exists()


def test_provincial_role_with_a_province_sees_its_rounds(unplaced: Any):
    make_unit("province", "79", "TP Hồ Chí Minh", unit_type="thành phố", valid_from=MERGER)
    national, own, _other = rounds()
    TerritoryMember.objects.create(user=unplaced, province=province("80"))
    assert set(rounds_seen_by(unplaced)) == {national, own}


def again(user: Any) -> Any:
    """Return the user as the next request finds them."""
    return type(user).objects.get(pk=user.pk)


def test_limit_is_a_right_and_no_name_of_a_group(unplaced: Any):
    limit = Permission.objects.get(codename=BOUND_TO_PROVINCE)
    group = unplaced.groups.get()
    group.name = "Cục Thống kê"
    group.save()
    assert province_of(unplaced) == NOWHERE
    group.permissions.remove(limit)
    assert province_of(again(unplaced)) is None
    unplaced.user_permissions.add(limit)
    assert province_of(again(unplaced)) == NOWHERE
    unplaced.user_permissions.remove(limit)
    unplaced.groups.set([Group.objects.create(name="Provincial statistician")])
    assert province_of(again(unplaced)) is None


def test_administrators_have_every_right_but_the_limiting_one(unplaced: Any, admin_user: Any):
    assert province_of(admin_user) is None
    unplaced.groups.set([ensure_roles()["administrator"]])
    unplaced.user_permissions.clear()
    assert province_of(again(unplaced)) is None
    unplaced.groups.add(ensure_roles()["provincial_statistician"])
    assert province_of(again(unplaced)) == NOWHERE


def test_provincial_role_without_a_province_hands_nothing_out(unplaced: Any):
    with pytest.raises(PermissionDenied):
        within_territory(Scope(Sample()), unplaced)


@pytest.mark.parametrize("page", ["site_history", "site_history_results"])
def test_history_of_the_whole_site_is_closed_to_a_province(
    member: Any, client: Client, admin_client: Client, page: str
):
    address = reverse(f"wagtailadmin_reports:{page}")
    assert admin_client.get(address).status_code == 200
    client.force_login(member)
    for query in ({}, {"export": "csv"}):
        assert client.get(address, query).status_code == 302
    assert address not in client.get(reverse("wagtailadmin_home")).text
