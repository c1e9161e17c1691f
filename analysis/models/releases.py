"""Snapshots of closed rounds and what was published from them."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Snapshot(models.Model):
    """A closed round as a Parquet file with its hash: the only input of an estimate."""

    round = models.ForeignKey(
        "sampling.SurveyRound", on_delete=models.CASCADE, related_name="snapshots", verbose_name=_("round")
    )
    file_name = models.CharField(_("file"), max_length=200)
    digest = models.CharField(_("SHA-256 of the file"), max_length=64)
    n_rows = models.PositiveIntegerField(_("rows"))
    created_at = models.DateTimeField(_("taken"), auto_now_add=True)

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        permissions = [
            ("export_microdata", _("Can export microdata")),
            ("estimate_snapshot", _("Can compute working estimates")),
        ]

    def __str__(self) -> str:
        return self.file_name


class Release(models.Model):
    """One publication; it never changes, a correction is a new release."""

    class Withheld(models.TextChoices):
        """Why a part of the index has no figure; listed under `rates["withheld"]`."""

        NO_ANSWERS = "no_answers", _("nobody answered it, or one of its criteria")
        NO_PRECISION = (
            "no_precision",
            _("answers from one drawn unit of each stratum: no error can be given"),
        )
        FEW_ANSWERS = "few_answers", _("fewer than 10 answers: persons could be recognised")
        PROTECTS_ANOTHER = (
            "protects_another",
            _("another figure with few answers could be computed from this one"),
        )

    code = models.CharField(
        _("code"),
        max_length=20,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
                _("Use letters, digits, full stops, hyphens and underscores."),
            )
        ],
    )
    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.PROTECT, related_name="releases", verbose_name=_("snapshot")
    )
    method = models.ForeignKey(
        "analysis.IndexMethod",
        on_delete=models.PROTECT,
        related_name="releases",
        verbose_name=_("index method"),
    )
    criteria_set = models.ForeignKey(
        "analysis.CriteriaSet",
        on_delete=models.PROTECT,
        related_name="releases",
        verbose_name=_("criteria set"),
    )
    weighting = models.JSONField(_("weighting steps"), default=list)
    weights_file = models.CharField(_("file of weights"), max_length=200, blank=True)
    weights_digest = models.CharField(_("SHA-256 of the weights"), max_length=64, blank=True)
    rates = models.JSONField(_("outcome rates"), default=dict)
    comparisons = models.JSONField(_("comparisons between provinces"), default=dict)
    replacements = models.JSONField(_("index without replacements"), default=dict, blank=True)
    is_provisional = models.BooleanField(_("provisional method"))
    is_demo = models.BooleanField(_("demonstration"), default=False)
    is_rehearsed = models.BooleanField(_("sample drawn without a public commitment"), default=False)
    is_approximate = models.BooleanField(_("inclusion probabilities are approximate"), default=False)
    published_at = models.DateTimeField(_("published"), auto_now_add=True)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["-published_at"]
        permissions = [("publish_release", _("Can publish results"))]

    def __str__(self) -> str:
        return self.code


class PublishedEstimate(models.Model):
    """One figure with its uncertainty."""

    class DomainLevel(models.TextChoices):
        """What a figure stands for."""

        NATION = "nation", _("nation")
        PROVINCE = "province", _("province")

    class Node(models.TextChoices):
        """Which part of the index a figure is."""

        INDEX = "index", _("index")
        CONTENT = "content", _("content")
        ELEMENT = "element", _("element")
        CRITERION = "criterion", _("criterion")

    class Statistic(models.TextChoices):
        """How answers become a figure."""

        TOP_TWO_SHARE = "top_two_share", _("share satisfied or very satisfied, %")
        MEAN_SCORE = "mean_score", _("mean score, 1 to 5")
        POOLED_SHARE = "pooled_share", _("pooled share, %")
        PLAIN_MEAN_OF_PROVINCES = "plain_mean_of_provinces", _("plain mean of provinces, %")

    class Flag(models.TextChoices):
        """What a reader must know of a figure; stored in `flags`."""

        FEW_DF = "few_df", _("fewer than 8 degrees of freedom: the interval is wide and itself uncertain")
        AT_BOUND = "at_bound", _("everybody gave the same answer: the interval is one-sided")
        ZERO_VARIANCE = "zero_variance", _("no variation between the drawn units: the interval is binomial")

    class Comparison(models.TextChoices):
        """Where a province stands against the nation."""

        HIGHER = "higher", _("Above the nation")
        NOT_DISTINGUISHABLE = "not_distinguishable", _("Not distinguishable from the nation")
        LOWER = "lower", _("Below the nation")
        NOT_COMPARABLE = "not_comparable", _("Not comparable with the nation")

    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="estimates", verbose_name=_("release")
    )
    domain_level = models.CharField(_("level"), max_length=16, choices=DomainLevel)
    domain_code = models.CharField(_("code of the domain"), max_length=8, blank=True)
    domain_name = models.CharField(_("domain"), max_length=100)
    node = models.CharField(_("part of the index"), max_length=16, choices=Node)
    node_code = models.CharField(_("code of the part"), max_length=16)
    statistic = models.CharField(_("statistic"), max_length=32, choices=Statistic)
    value = models.FloatField(_("value"))
    standard_error = models.FloatField(_("standard error"))
    lower = models.FloatField(_("lower limit, 95 %"))
    upper = models.FloatField(_("upper limit, 95 %"))
    degrees_of_freedom = models.IntegerField(_("degrees of freedom"))
    deff = models.FloatField(_("design effect"), null=True, blank=True)
    effective_n = models.FloatField(_("effective sample size"), null=True, blank=True)
    n = models.PositiveIntegerField(_("answers"))
    item_nonresponse = models.FloatField(_("share without an answer"), null=True, blank=True)
    flags = models.JSONField(_("flags"), default=list, blank=True)
    comparison = models.CharField(_("against the nation"), max_length=24, choices=Comparison, blank=True)
    rank_low = models.PositiveIntegerField(_("best possible rank"), null=True, blank=True)
    rank_high = models.PositiveIntegerField(_("worst possible rank"), null=True, blank=True)

    class Meta:
        verbose_name = _("published estimate")
        verbose_name_plural = _("published estimates")
        constraints = [
            models.UniqueConstraint(
                fields=["release", "domain_level", "domain_code", "node", "node_code", "statistic"],
                name="figure_once_per_release",
            )
        ]

    def __str__(self) -> str:
        return f"{self.domain_name} {self.node_code}: {self.value:.2f}"

    def is_headline(self, statistic: str) -> bool:
        """Tell whether it is the index of its domain by the headline statistic of the method."""
        return self.node == self.Node.INDEX and self.statistic == statistic


class Scorecard(models.Model):
    """PAR points of a province from its satisfaction index, for one candidate input."""

    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="scorecards", verbose_name=_("release")
    )
    province_code = models.CharField(_("code of the province"), max_length=8)
    province_name = models.CharField(_("province"), max_length=100)
    candidate_input = models.CharField(_("input"), max_length=16)
    maximum = models.DecimalField(_("maximum"), max_digits=6, decimal_places=2)
    points = models.FloatField(_("points"))
    standard_error = models.FloatField(_("standard error"))
    lower = models.FloatField(_("lower limit, 95 %"))
    upper = models.FloatField(_("upper limit, 95 %"))
    rank = models.PositiveIntegerField(_("rank"))
    rank_low = models.PositiveIntegerField(_("best possible rank"))
    rank_high = models.PositiveIntegerField(_("worst possible rank"))
    is_tied = models.BooleanField(_("tied at two decimals"), default=False)

    class Meta:
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")
        constraints = [
            models.UniqueConstraint(
                fields=["release", "province_code", "candidate_input"], name="points_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.province_name}: {self.points:.2f}"
