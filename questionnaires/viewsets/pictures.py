"""Where the editor sends the file of a picture: it is stored at once, its name goes with the draft."""

from typing import Any, cast

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views import View

from questionnaires.permissions import ADD_DRAFT, CHANGE_DRAFT
from questionnaires.pictures import HEAVY_PICTURE, LARGEST_FILE, UnfitPictureError
from questionnaires.services.pictures import save_picture

KIB = 1024


class PictureView(PermissionRequiredMixin, View):
    """Takes one file and answers with the name that the picture then has, or with what is wrong with it."""

    http_method_names: list[str] = ["post", "options"]
    raise_exception = True

    def has_permission(self) -> bool:
        """Let everybody pass who writes drafts."""
        return any(self.request.user.has_perm(right) for right in (ADD_DRAFT, CHANGE_DRAFT))

    def post(self, request: HttpRequest) -> JsonResponse:
        """Store the picture."""
        file = request.FILES.get("picture")
        content = file.read(LARGEST_FILE + 1) if file else b""
        try:
            reference, n_bytes = save_picture(content=content, user=cast("Any", request.user))
        except UnfitPictureError as error:
            return JsonResponse({"error": str(error)}, status=422)
        return JsonResponse({"name": str(reference), "words": weight_in_words(n_bytes)})


def weight_in_words(n_bytes: int) -> str:
    """Return what a picture weighs, and a warning where that is much."""
    params = {"n": -(-n_bytes // KIB), "limit": HEAVY_PICTURE // KIB}
    if n_bytes > HEAVY_PICTURE:
        return _("%(n)d KB: more than %(limit)d KB, slow on a weak connection.") % params
    return _("%(n)d KB. Save the draft to keep it.") % params
