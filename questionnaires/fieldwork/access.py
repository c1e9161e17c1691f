"""Pages for staff: signed in, with a permission, kept out of caches."""

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponseBase

from questionnaires.wizard.access import private


class StaffPageMixin(PermissionRequiredMixin, LoginRequiredMixin):
    """Sends strangers to the log-in and refuses accounts without the permission."""

    request: HttpRequest

    @property
    def staff(self) -> AbstractBaseUser:
        """Whoever is signed in; nobody else gets here."""
        return cast("AbstractBaseUser", self.request.user)

    def handle_no_permission(self) -> Any:
        """Refuse whoever is signed in already; the log-in would not help them."""
        self.raise_exception = self.request.user.is_authenticated
        return super().handle_no_permission()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the page out of every cache."""
        return private(super().dispatch(request, *args, **kwargs))
