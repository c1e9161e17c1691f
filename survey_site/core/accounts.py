"""Signing in and out: limited per user name and network, on record, then to where one's work is."""

import logging
import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin.views.account import LoginView, LogoutView
from wagtail.log_actions import log

from questionnaires.attempts import (
    Limits,
    blocked_until,
    count_failure,
    counter,
    forget_failures,
    network_of,
)
from questionnaires.permissions import CONDUCT_INTERVIEWS, KEY_PAPER_FORM
from questionnaires.wizard import session
from survey_site.core.roles import ADMIN_ACCESS

LOGGER = logging.getLogger(__name__)
TOO_MANY_REQUESTS = 429
LOG_IN, LOG_OUT, FAIL_LOG_IN = "accounts.log_in", "accounts.log_out", "accounts.fail_log_in"
HOMES: Mapping[str, str] = {
    ADMIN_ACCESS: "wagtailadmin_home",
    CONDUCT_INTERVIEWS: "questionnaires:village_list",
    KEY_PAPER_FORM: "questionnaires:key_form",
}
"""Where the work of somebody begins, by the first of these rights that they have."""


def home_of(user: AbstractUser | AnonymousUser) -> str:
    """Return the address where the work of a user begins; empty for somebody without a role."""
    return next((reverse(name) for right, name in HOMES.items() if user.has_perm(right)), "")


class StaffLoginView(LoginView):
    """Wagtail's log-in for all staff, those without access to the admin included."""

    request: HttpRequest

    def get(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send whoever is signed in already to their work."""
        if home_of(self.request.user):
            return redirect(self.get_success_url())
        response: HttpResponseBase = super().get(*args, **kwargs)
        return response

    def post(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check the password only while there were few failures."""
        if blocked_until(self.limits):
            return self.refuse()
        response: HttpResponseBase = super().post(*args, **kwargs)
        return response

    @cached_property
    def limits_of_name(self) -> Limits:
        """Counter of this user name from this network."""
        name = get_user_model().normalize_username(self.request.POST.get("username", "").strip()).casefold()
        return {counter("log-in", name, network_of(self.request)): settings.LOGIN_ATTEMPTS}

    @cached_property
    def limits(self) -> Limits:
        """Counters of the name and of the whole network, so that invented names gain nothing."""
        network = counter("log-in", network_of(self.request))
        return {**self.limits_of_name, network: settings.LOGIN_ATTEMPTS_PER_NETWORK}

    def refuse(self) -> HttpResponse:
        """Say when it may be tried again."""
        until = blocked_until(self.limits) or timezone.now()
        context = {"until": until}
        response = render(self.request, "accounts/too_many.html", context, status=TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(math.ceil((until - timezone.now()).total_seconds()))
        return response

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in; earlier failures no longer count, and whoever was answering on this device is cut off."""
        forget_failures(self.limits_of_name)
        session.leave(self.request)
        response: HttpResponse = super().form_valid(form)
        self.record(LOG_IN, form.get_user())
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Count a wrong password; a field left empty is no attempt."""
        if form.has_error(NON_FIELD_ERRORS):
            count_failure(self.limits)
            self.record_failure(form.cleaned_data["username"])
        response: HttpResponse = super().form_invalid(form)
        return response

    def record_failure(self, username: str) -> None:
        """Put a failure on record; unknown names are left out: passwords are typed there by mistake."""
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            LOGGER.warning("Log-in failed for an unknown user name from %s", network_of(self.request))
        else:
            self.record(FAIL_LOG_IN, user)

    def record(self, action: str, user: Any) -> None:
        """Write to the audit log who it was and from which network."""
        author = user if action == LOG_IN else None
        log(instance=user, action=action, user=author, data={"network": network_of(self.request)})

    def get_success_url(self) -> str:
        """Return the address asked for, unless it is the admin and the work lies elsewhere."""
        home = home_of(self.request.user)
        wished: str = self.get_redirect_url()
        if not wished or (urlsplit(wished).path.startswith(self.admin_path) and not self.enters_admin):
            return home or "/"
        return wished

    @property
    def enters_admin(self) -> bool:
        """Whether whoever is signed in has access to the admin."""
        return self.request.user.has_perm(ADMIN_ACCESS)

    @property
    def admin_path(self) -> str:
        """Path under which every admin page lies."""
        return reverse("wagtailadmin_home")


class StaffLogoutView(LogoutView):
    """Wagtail's log-out, open to staff without access to the admin, and on record."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take the button only: a mere address on some page must sign nobody out."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if request.user.is_authenticated:
            log(instance=request.user, action=LOG_OUT, user=request.user)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response
