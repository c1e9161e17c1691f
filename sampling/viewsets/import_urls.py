"""Addresses of the imports of a round."""

from django.urls import path, re_path

from sampling.viewsets.imports import ImportReportView, ImportStepView, ImportUploadView, ImportView

IMPORT_URLS = [
    path("<int:pk>/import/", ImportUploadView.as_view(), name="import_start"),
    path("<int:pk>/import/<int:import_pk>/", ImportView.as_view(), name="import"),
    path("<int:pk>/import/<int:import_pk>/report/", ImportReportView.as_view(), name="import_report"),
    re_path(
        r"^(?P<pk>\d+)/import/(?P<import_pk>\d+)/(?P<step>check|confirm|cancel)/$",
        ImportStepView.as_view(),
        name="import_step",
    ),
]
"""Upload, progress and report, and the steps of an import."""
