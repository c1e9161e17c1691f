import pytest
from django.contrib.auth.models import Group, Permission
from django.utils.translation import override
from wagtail.models import GroupPagePermission

from survey_site.core import roles
from survey_site.core.roles import ROLES, Role, UnknownPermissionError, ensure_roles

pytestmark = pytest.mark.django_db


def names(permissions: object) -> set[str]:
    found = permissions.select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in found}


def test_groups_hold_exactly_what_the_table_says() -> None:
    groups = ensure_roles()
    for code, role in ROLES.items():
        if not role.has_everything:
            assert names(groups[code].permissions) == set(role.permissions), code


def test_rights_given_by_hand_are_taken_back_and_nothing_doubles() -> None:
    group = ensure_roles()["clerk"]
    group.permissions.add(Permission.objects.get(codename="export_microdata"))
    again = ensure_roles()
    assert again["clerk"] == group
    assert names(group.permissions) == set(ROLES["clerk"].permissions)
    pages = GroupPagePermission.objects.filter(group=again["editor"])
    assert pages.count() == len({grant.permission_id for grant in pages})


def test_administrator_has_every_right_that_a_role_has_but_the_one_kept_apart() -> None:
    held = names(ensure_roles()["administrator"].permissions)
    granted = {right for role in ROLES.values() for right in role.permissions}
    assert granted - held == set(roles.KEPT_FROM_ADMINISTRATORS)


def test_administrator_has_every_right_of_our_own_apps_but_the_one_kept_apart() -> None:
    held = names(ensure_roles()["administrator"].permissions)
    own = names(Permission.objects.filter(content_type__app_label__in=roles.OWN_APPS))
    assert own - held == {*roles.LIMITS, "analysis.export_microdata"}


def test_no_role_both_sees_people_and_exports_microdata() -> None:
    held = {code: names(group.permissions) for code, group in ensure_roles().items()}
    exporting = {code for code, rights in held.items() if roles.EXPORT_MICRODATA in rights}
    seeing = {code for code, rights in held.items() if rights & roles.SEE_PEOPLE}
    assert exporting == {"statistician"}
    assert seeing == {"administrator", "contact_officer", "supervisor", "enumerator"}


def test_rights_to_see_people_exist() -> None:
    assert names(Permission.objects.all()) >= roles.SEE_PEOPLE


def test_contacts_stay_with_the_administrator_but_for_lists_on_record() -> None:
    groups = ensure_roles()
    holders = {
        code: set(
            group.permissions.filter(
                content_type__app_label="sampling", content_type__model="contact"
            ).values_list("codename", flat=True)
        )
        for code, group in groups.items()
    }
    assert {code for code, rights in holders.items() if "view_contact" in rights} == {"administrator"}
    others = {code: rights for code, rights in holders.items() if rights and code != "administrator"}
    assert others == {"contact_officer": {"export_contact"}, "supervisor": {"export_contact"}}


def test_permission_that_nobody_declares_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Role("Planted", "fails", ("sampling.fly",))
    monkeypatch.setattr(roles, "ROLES", {"planted": planted})
    with pytest.raises(UnknownPermissionError, match=r"Planted: no app declares sampling\.fly"):
        ensure_roles()


def test_groups_carry_vietnamese_names_and_english_ones_are_replaced() -> None:
    old = Group.objects.create(name="Clerk")
    with override("en"):
        groups = ensure_roles()
    assert groups["clerk"].pk == old.pk
    assert groups["clerk"].name == "Nhân viên nhập phiếu"
    assert not Group.objects.filter(name__in=[role.name for role in ROLES.values()]).exists()
