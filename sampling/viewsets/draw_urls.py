"""Addresses of the draws of a round."""

from django.urls import path

from sampling.viewsets.awaited import AwaitedListsView
from sampling.viewsets.draw_actions import DrawActionView
from sampling.viewsets.draw_pages import StageView
from sampling.viewsets.list_strata import ListStrataView

DRAW_URLS = [
    path("<int:pk>/draws/<slug:stage>/", StageView.as_view(), name="stage"),
    path("<int:pk>/lists/<slug:stage>/", AwaitedListsView.as_view(), name="lists"),
    path("<int:pk>/strata/", ListStrataView.as_view(), name="strata"),
    path("<int:pk>/draws/<slug:stage>/<slug:action>/", DrawActionView.as_view(), name="draw_step"),
]
"""Pages of the stages of a round, their lists and strata, and the steps of a draw."""
