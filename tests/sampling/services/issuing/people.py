"""Samples with names, and people who may or may not see them."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from sampling.models import Sample, SampledUnit, TerritoryMember
from sampling.models.rounds import RoundStatus
from sampling.services.contacts import NewContact, add_contacts
from tests.sampling.makers import make_sample

NAMES = ("Trần Văn Bình", "Lê Thị Ánh", "Nguyễn Văn An", "Phạm Thị Dung", "Đỗ Văn Cường")


def named_sample(status: str = RoundStatus.OPEN, **changes: Any) -> Sample:
    """A drawn sample in which every case has a name, the reserves too."""
    sample = make_sample(**changes)
    sample.round.status = status
    sample.round.save()
    cases = sample.cases.order_by("village", "draw_order").values_list("number", "draw_order")
    rows = [NewContact(number, NAMES[place % 5], "Ấp 1", f"0912{place:06d}") for number, place in cases]
    add_contacts(sample=sample, rows=rows)
    return sample


def village_of(sample: Sample) -> SampledUnit:
    return sample.units.filter(stage="village").order_by("pk").first()


def member(name: str, *rights: str, province: Any = None) -> Any:
    user = get_user_model().objects.create_user(username=name, password="x")
    codenames = [right.partition(".")[2] for right in rights]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    if province is not None:
        TerritoryMember.objects.create(user=user, province=province)
    return user


def supervisor(**values: Any) -> Any:
    return member("supervisor", "sampling.export_contact", **values)
