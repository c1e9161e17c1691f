"""Addresses of the site: the admin, the questionnaire, staff pages and the public portal."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.urls import include, path
from django.views.generic import RedirectView, TemplateView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from questionnaires.listening import ListenView, LookView
from survey_site.core.accounts import StaffLoginView, StaffLogoutView
from survey_site.core.manifest import ManifestView
from survey_site.core.site_history import site_history, site_history_results

one_login = RedirectView.as_view(pattern_name="wagtailadmin_login", query_string=True)

urlpatterns = [
    path("admin/login/", StaffLoginView.as_view(), name="wagtailadmin_login"),
    path("admin/logout/", StaffLogoutView.as_view(), name="wagtailadmin_logout"),
    path("admin/reports/site-history/", site_history),
    path("admin/reports/site-history/results/", site_history_results),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("am-thanh/<str:digest>.<slug:extension>", ListenView.as_view(), name="listen"),
    path("hinh/<str:name>", LookView.as_view(), name="look"),
    path("robots.txt", TemplateView.as_view(template_name="robots.txt", content_type="text/plain")),
    path("i18n/", include("django.conf.urls.i18n")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]

urlpatterns += i18n_patterns(
    path("manifest.webmanifest", ManifestView.as_view(), name="manifest"),
    path("", include("questionnaires.urls")),
    path("", include("analysis.urls")),
    path("", include("sampling.urls")),
    path("_util/login/", one_login, name="wagtailcore_login"),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
