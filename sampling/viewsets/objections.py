"""The do-not-contact list in the admin: entries are typed once, hashed and forgotten."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import CreateView, DeleteView
from wagtail.admin.viewsets.model import ModelViewSet

from sampling.models import Objection
from sampling.services.issuing import ObjectionError, record_objection, withdraw_objection
from sampling.services.issuing.objections import objection_key


class ObjectionForm(WagtailAdminModelForm):
    """What is hashed, its kind, and how the wish came in."""

    text = forms.CharField(
        label=gettext_lazy("Number or address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Only a keyed hash of it is kept; nobody can read it again."),
    )

    channel = forms.ChoiceField(
        label=gettext_lazy("channel"),
        choices=[
            ("", "–"),
            *(choice for choice in Objection.Channel.choices if choice[0] != Objection.Channel.UNKNOWN),
        ],
    )

    class Meta:
        model = Objection
        fields = ("kind", "channel", "note")

    field_order = ("kind", "text", "channel", "note")

    def clean(self) -> dict[str, Any]:
        """Say what is wrong with the number before anything is written."""
        values: dict[str, Any] = super().clean()
        if values.get("kind") and values.get("text"):
            try:
                objection_key(values["kind"], values["text"])
            except ObjectionError as error:
                self.add_error("text", str(error))
        return values


class ObjectionCreateView(CreateView):
    """Records through the service."""

    def save_instance(self) -> Objection:
        """Hash and forget."""
        values = self.form.cleaned_data
        return record_objection(
            kind=values["kind"],
            text=values["text"],
            channel=values["channel"],
            note=values["note"],
            user=self.request.user,
        )


class ObjectionDeleteView(DeleteView):
    """Withdraws through the service."""

    def delete_action(self) -> None:
        """Take the entry off the list; its cases may be contacted again."""
        withdraw_objection(objection=self.object, user=self.request.user)


class ObjectionViewSet(ModelViewSet):
    """The list: kind, first digits of the hash, how the wish came in, who recorded it and when."""

    model = Objection
    icon = "no-view"
    menu_label = gettext_lazy("Do-not-contact list")
    add_view_class = ObjectionCreateView
    delete_view_class = ObjectionDeleteView
    copy_view_enabled = False
    list_display = [
        "__str__",
        Column("get_kind_display", label=gettext_lazy("kind")),
        Column("get_channel_display", label=gettext_lazy("channel")),
        "note",
        "recorded_by",
        DateColumn("recorded_at", label=gettext_lazy("recorded at")),
    ]
    list_filter = ["kind", "channel", "recorded_by"]
    add_to_reference_index = False

    def get_form_class(self, for_update: bool = False) -> type[ObjectionForm]:  # noqa: ARG002, FBT001, FBT002 - Wagtail's signature
        """Return our own form."""
        return ObjectionForm
