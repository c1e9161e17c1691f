"""Public addresses of the analysis app."""

from django.urls import re_path

from analysis.views import download

app_name = "analysis"

urlpatterns = [
    re_path(
        r"^ket-qua/tai-ve/(?P<release_code>[\w.-]{1,20})/(?P<file_format>[a-z-]{1,20})/$",
        download,
        name="download",
    ),
    re_path(
        r"^ket-qua/tai-ve/(?P<release_code>[\w.-]{1,20})/diem/(?P<file_format>[a-z-]{1,20})/$",
        download,
        {"what": "scorecards"},
        name="download_points",
    ),
]
