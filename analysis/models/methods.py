"""Methods of the index and criteria sets of PAR INDEX."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sampling.models import MethodDocument


class IndexMethod(MethodDocument):
    """A version of the satisfaction index: contents, elements, criteria and how they combine."""

    class Meta:
        verbose_name = _("index method")
        verbose_name_plural = _("index methods")
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="index_method_version_once")]


class CriteriaSet(MethodDocument):
    """A version of the PAR INDEX criteria, as far as it is known."""

    class Meta:
        verbose_name = _("criteria set")
        verbose_name_plural = _("criteria sets")
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="criteria_set_version_once")]
