"""Public addresses of the analysis app."""

from django.urls import path

from analysis.views import download

app_name = "analysis"

urlpatterns = [
    path("ket-qua/tai-ve/<str:release_code>/<str:file_format>/", download, name="download"),
]
