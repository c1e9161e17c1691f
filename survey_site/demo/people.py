"""Invented users and respondents of the demonstration."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext, override

from sampling.services.audit import User, record_table
from survey_site.core.roles import ROLES, ensure_roles

PREFIX = "demo-"
SET_USERS = "demo.set_users"
_SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Lý")
_MIDDLE = {"male": ("Văn", "Đức", "Minh", "Quang"), "female": ("Thị", "Ngọc", "Thu", "Minh")}
_GIVEN = {
    "male": ("An", "Bình", "Cường", "Dũng", "Hải", "Hùng", "Long", "Nam", "Sơn", "Tuấn"),
    "female": ("Ánh", "Bích", "Chi", "Dung", "Hà", "Hoa", "Lan", "Mai", "Thảo", "Yến"),
}


@dataclass(frozen=True)
class LogIn:
    """A demonstration user, the password, and what the role does."""

    user: AbstractUser
    password: str
    does: str


def ensure_users(*, user: User = None) -> Mapping[str, LogIn]:
    """Create one user per role with a fresh random password each time."""
    password = secrets.token_urlsafe(9)
    groups = ensure_roles(user=user)
    log_ins = {}
    for code, role in ROLES.items():
        name = PREFIX + code.replace("_", "-")
        member, _created = get_user_model().objects.get_or_create(username=name)
        with override("vi"):
            member.first_name = gettext(role.name)
        member.set_password(password)
        member.is_superuser = role.has_everything
        member.save()
        member.groups.set([groups[code]])
        log_ins[code] = LogIn(member, password, role.does)
    record_table(get_user_model(), SET_USERS, user=user, details={"users": len(log_ins)})
    return log_ins


def person_name(sex: str, rng: np.random.Generator) -> str:
    """Return an invented name."""
    sex = sex if sex in _GIVEN else "female"
    parts = (_SURNAMES, _MIDDLE[sex], _GIVEN[sex])
    return " ".join(str(rng.choice(part)) for part in parts)
