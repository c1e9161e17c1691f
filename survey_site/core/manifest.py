"""The web app manifest: the survey on the first screen of a telephone, opened in the browser as it is."""

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

ICON_SIZES = (192, 512)
PAPER, LACQUER = "#faf7f1", "#8a1c1f"
A_DAY = 86_400


class ManifestView(View):
    """Names, start and icons; the pages need neither an installation nor a service worker."""

    def get(self, _request: HttpRequest) -> JsonResponse:
        """Return the manifest in the language of its address."""
        icons = [{"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"}]
        icons += [
            {"src": static(f"img/mark-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in ICON_SIZES
        ]
        content = {
            "name": _("Satisfaction survey"),
            "short_name": _("Survey"),
            "lang": get_language(),
            "start_url": reverse("questionnaires:enter_code"),
            "scope": "/",
            "display": "minimal-ui",
            "background_color": PAPER,
            "theme_color": LACQUER,
            "icons": icons,
        }
        answer = JsonResponse(content, content_type="application/manifest+json")
        answer.headers["Cache-Control"] = f"public, max-age={A_DAY}"
        return answer
