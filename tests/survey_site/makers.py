"""Makers of a small fabricated release and of the pages that show it."""

import datetime
import math
from typing import Any

from wagtail.models import Locale, Page, Site

from analysis.models import CriteriaSet, IndexMethod, PublishedEstimate, Release, Scorecard, Snapshot
from sampling.models import SamplingTemplate, SurveyRound
from survey_site.core.charts.tiles import CELLS
from survey_site.pages.models import HomePage, ResultsPage

UTC = datetime.UTC
NATION = 83.5
REASONS = {
    "provisional_reason_vi": "Phụ lục chưa được công bố.",
    "provisional_reason_en": "The annex is not published.",
}
INDEX_DOCUMENT = {
    "headline": "top_two_share",
    "contents": [
        {
            "code": "P",
            "title": {"vi": "Xây dựng, tổ chức thực hiện chính sách", "en": "Policy making"},
            "elements": [
                {
                    "code": "P-A",
                    "title": {"vi": "Trách nhiệm giải trình của cơ quan", "en": "Accountability"},
                },
                {"code": "P-B", "title": {"vi": "Sự tham gia của người dân", "en": "Participation"}},
                {"code": "P-?", "title": {"vi": "Chưa rõ thành phần", "en": "Not published"}},
            ],
        },
        {
            "code": "S",
            "title": {"vi": "Cung ứng dịch vụ hành chính công", "en": "Public services"},
            "elements": [
                {"code": "S-1", "title": {"vi": "Tiếp cận dịch vụ", "en": "Access"}},
                {"code": "S-2", "title": {"vi": "Thủ tục hành chính", "en": "Procedures"}},
                {
                    "code": "S-3",
                    "title": {"vi": "Công chức trực tiếp giải quyết công việc", "en": "Officials"},
                },
            ],
        },
    ],
}
CRITERIA_DOCUMENT = {
    "sipas": {
        "headline_input": "headline",
        "candidate_inputs": [
            {"code": "headline", "title": {"vi": "Chỉ số SIPAS chung", "en": "Headline SIPAS"}},
            {"code": "service", "title": {"vi": "Phần dịch vụ", "en": "Service part"}},
        ],
    }
}


def make_method(model: type, code: str, document: dict[str, Any], *, is_provisional: bool) -> Any:
    """Make a method document of any kind."""
    return model.objects.create(
        code=code,
        title_vi=f"Phương pháp {code}",
        title_en=f"Method {code}",
        document=document,
        digest="0" * 64,
        is_provisional=is_provisional,
        **(REASONS if is_provisional else {}),
    )


def make_round(*, is_demo: bool = True, is_provisional: bool = True) -> SurveyRound:
    """Make a closed round."""
    return SurveyRound.objects.create(
        code="sipas-2026",
        name_vi="SIPAS 2026",
        name_en="SIPAS 2026",
        year=2026,
        contact_phone="1800 0000",
        reference_period_start=datetime.date(2026, 1, 1),
        reference_period_end=datetime.date(2026, 12, 31),
        opens_at=datetime.datetime(2026, 10, 1, tzinfo=UTC),
        closes_at=datetime.datetime(2026, 11, 30, tzinfo=UTC),
        status="closed",
        template=make_method(
            SamplingTemplate, "63x6", {"confidence": "assumed"}, is_provisional=is_provisional
        ),
        is_demo=is_demo,
    )


def make_estimate(
    release: Release, node: str, node_code: str, value: float, **fields: Any
) -> PublishedEstimate:
    """Make one published figure with an interval of two standard errors."""
    standard_error = fields.pop("standard_error", 1.2)
    given = {
        "domain_level": "nation",
        "domain_name": "Cả nước",
        "statistic": "top_two_share",
        "degrees_of_freedom": 300,
        "n": 19221,
        **fields,
    }
    return PublishedEstimate(
        release=release,
        node=node,
        node_code=node_code,
        value=value,
        standard_error=standard_error,
        lower=value - 2 * standard_error,
        upper=value + 2 * standard_error,
        **given,
    )


def group_of(value: float) -> str:
    """Return the group of a fabricated province."""
    if abs(value - NATION) < 3:
        return "not_distinguishable"
    return "higher" if value > NATION else "lower"


def province_values() -> dict[str, float]:
    """Return a fabricated index per province: a smooth wave, unrelated to any real result."""
    return {code: round(NATION + 7 * math.sin(index * 1.9), 2) for index, code in enumerate(CELLS)}


def province_estimates(release: Release) -> list[PublishedEstimate]:
    """Return index, mean score and elements of every province."""
    values = province_values()
    ordered = sorted(values, key=lambda code: -values[code])
    found = []
    for code, value in values.items():
        rank = ordered.index(code) + 1
        domain = {
            "domain_level": "province",
            "domain_code": code,
            "domain_name": CELLS[code][0].replace("TP HCM", "Thành phố Hồ Chí Minh"),
            "n": 554,
            "rank_low": max(1, rank - 6),
            "rank_high": min(len(values), rank + 6),
            "comparison": group_of(value),
        }
        found.append(make_estimate(release, "index", "SIPAS", value, **domain))
        found.append(
            make_estimate(
                release, "index", "SIPAS", 4.1, **domain, statistic="mean_score", standard_error=0.02
            )
        )
        found += [
            make_estimate(release, "element", element, value - 1, **domain) for element in ("P-A", "S-1")
        ]
    return found


def national_estimates(release: Release) -> list[PublishedEstimate]:
    """Return index, contents and elements of the nation."""
    small = {"standard_error": 0.3}
    found = [
        make_estimate(release, "index", "SIPAS", NATION, **small),
        make_estimate(release, "index", "SIPAS", 4.11, statistic="mean_score", standard_error=0.015),
        make_estimate(release, "index", "SIPAS", 83.1, statistic="plain_mean_of_provinces", **small),
        make_estimate(release, "content", "P", 82.9, **small),
        make_estimate(release, "content", "S", 84.5, **small),
    ]
    elements = {"P-A": 82.6, "P-B": 81.2, "S-1": 84.9, "S-2": 84.8, "S-3": 84.6}
    found += [
        make_estimate(release, "element", code, value, standard_error=0.5) for code, value in elements.items()
    ]
    return found


def scorecards(release: Release) -> list[Scorecard]:
    """Return points of every province for both inputs."""
    values = province_values()
    ordered = sorted(values, key=lambda code: -values[code])
    return [
        Scorecard(
            release=release,
            province_code=code,
            province_name=CELLS[code][0],
            candidate_input=candidate,
            maximum="10",
            points=values[code] / 10,
            standard_error=0.12,
            lower=values[code] / 10 - 0.24,
            upper=values[code] / 10 + 0.24,
            rank=ordered.index(code) + 1,
            rank_low=max(1, ordered.index(code) - 5),
            rank_high=min(len(ordered), ordered.index(code) + 7),
        )
        for code in values
        for candidate in ("service", "headline")
    ]


def make_release(*, is_demo: bool = True, is_provisional: bool = True) -> Release:
    """Make a release with figures for the nation and 34 provinces."""
    round_ = make_round(is_demo=is_demo, is_provisional=is_provisional)
    values = province_values()
    release = Release.objects.create(
        code="2026.1",
        snapshot=Snapshot.objects.create(
            round=round_, file_name="snapshot.parquet", digest="ab" * 32, n_rows=19221
        ),
        method=make_method(IndexMethod, "M2023", INDEX_DOCUMENT, is_provisional=is_provisional),
        criteria_set=make_method(CriteriaSet, "DEMO", CRITERIA_DOCUMENT, is_provisional=is_provisional),
        rates={"response_rate_2": 0.934},
        comparisons={
            "groups": {code: group_of(value) for code, value in values.items()},
            "not_distinguishable": {
                code: [other for other in values if other != code and abs(values[other] - value) < 3]
                for code, value in values.items()
            },
        },
        is_provisional=is_provisional,
        is_demo=is_demo,
    )
    PublishedEstimate.objects.bulk_create(national_estimates(release) + province_estimates(release))
    Scorecard.objects.bulk_create(scorecards(release))
    return release


def make_home(language: str = "vi") -> HomePage:
    """Make a landing page; the Vietnamese one becomes the root of the site."""
    locale, _created = Locale.objects.get_or_create(language_code=language)
    root = Page.get_first_root_node() or Page.add_root(
        instance=Page(title="Root", slug="root", locale=locale)
    )
    home = HomePage(
        title="SIPAS",
        slug=f"home-{language}",
        locale=locale,
        question="Cơ quan nhà nước phục vụ Ông/Bà tốt đến đâu?",
        introduction="Ông/Bà được chọn ngẫu nhiên để đánh giá thay cho nhiều người dân cùng tỉnh.",
    )
    root.add_child(instance=home)
    if language == "vi":
        Site.objects.update_or_create(
            is_default_site=True, defaults={"hostname": "testserver", "root_page": home, "site_name": "SIPAS"}
        )
    return home


def make_results_page(home: HomePage, release: Release) -> ResultsPage:
    """Make the results page of a release below a landing page."""
    page = ResultsPage(
        title="Kết quả", slug="ket-qua", locale=home.locale, release=release, show_in_menus=True
    )
    home.add_child(instance=page)
    return page
