"""Page types of the public site."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from analysis.models import CriteriaSet, IndexMethod
from sampling.selectors.templates import public_templates
from survey_site.pages.blocks import BodyBlock
from survey_site.pages.methods import describe
from survey_site.pages.portal import portal_links
from survey_site.pages.results import build_results


class HomePage(Page):
    """The landing page of a round: its question, and the field for the access code."""

    question = models.CharField(_("question of the round"), max_length=160)
    introduction = models.TextField(_("introduction"), max_length=400, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("question"), FieldPanel("introduction")]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["pages.StandardPage", "pages.MethodologyPage", "pages.ResultsPage"]
    template = "pages/home.html"

    class Meta:
        verbose_name = _("landing page")
        verbose_name_plural = _("landing pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the latest results to link to."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        results = ResultsPage.objects.live().filter(locale_id=self.locale_id)
        context["results_page"] = results.order_by("-first_published_at", "-pk").first()
        return context


class BodyPage(Page):
    """A page whose text its editor writes."""

    introduction = models.TextField(_("introduction"), max_length=400, blank=True)
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    parent_page_types = ["pages.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        abstract = True


class StandardPage(BodyPage):
    """A page of text: help, privacy, accessibility, how to tell that an invitation is genuine."""

    template = "pages/standard.html"

    class Meta:
        verbose_name = _("page of text")
        verbose_name_plural = _("pages of text")


class MethodologyPage(BodyPage):
    """How figures are made, with every method that is loaded and what is known about it."""

    template = "pages/methodology.html"

    class Meta:
        verbose_name = _("methodology page")
        verbose_name_plural = _("methodology pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the loaded methods and the portal's navigation."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["portal"] = portal_links(self, request)
        context["method_groups"] = [
            (_("Satisfaction index"), describe(IndexMethod.objects.order_by("code", "version"))),
            (_("Criteria sets of PAR INDEX"), describe(CriteriaSet.objects.order_by("code", "version"))),
            (_("Sampling templates"), describe(public_templates().order_by("code", "version"))),
        ]
        return context


class ResultsPage(Page):
    """The public results of one release."""

    release = models.ForeignKey(
        "analysis.Release", on_delete=models.PROTECT, related_name="+", verbose_name=_("release")
    )

    content_panels = [*Page.content_panels, FieldPanel("release")]
    parent_page_types = ["pages.HomePage"]
    subpage_types: list[str] = []
    template = "pages/results.html"

    class Meta:
        verbose_name = _("results page")
        verbose_name_plural = _("results pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the figures of the release, compared with the province that the reader chose."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["portal"] = portal_links(self, request)
        requested = request.GET.get("compare", "")
        context["results"] = build_results(
            self.release_id, selected=requested if requested.isdecimal() else ""
        )
        return context
