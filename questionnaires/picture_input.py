"""The field of a picture in the editor: a file is stored when it is chosen, its name goes with the draft."""

from typing import Any

from django import forms
from django.urls import reverse

from questionnaires.pictures import ACCEPTED


class PictureInput(forms.TextInput):
    """The name of a stored picture, out of sight; a script beside it sends the chosen file and shows it."""

    input_type = "hidden"
    template_name = "questionnaires/admin/picture_input.html"

    class Media:
        js = ("js/picture.js",)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add where files are sent and pictures looked at, and the kinds that are taken."""
        context = super().get_context(name, value, attrs)
        return context | {
            "upload_url": reverse("questionnaires_picture"),
            "look_url": reverse("look", args=["_"]).removesuffix("_"),
            "accepted": ",".join(f"image/{kind.lower()}" for kind in ACCEPTED),
        }
