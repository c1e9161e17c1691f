"""Small methods, designs and answers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.estimation import SurveyDesign

LABEL = {"vi": "x", "en": "x"}


def make_criterion(code: str, *, question: bool = True) -> dict[str, Any]:
    return {
        "code": code,
        "title": LABEL,
        "question": code if question else None,
        "is_name_published": question,
    }


def make_document(**changes: Any) -> dict[str, Any]:
    """Contents P (elements P-A with two criteria, P-B with one and a placeholder) and S (one criterion)."""
    document: dict[str, Any] = {
        "format": "index-method/1",
        "code": "M",
        "version": 1,
        "decision": None,
        "decision_date": None,
        "valid_from_year": 2025,
        "valid_to_year": None,
        "title": LABEL,
        "sources": [],
        "confidence": "test",
        "is_provisional": True,
        "provisional_reason": LABEL,
        "scale": {"code": "likert5", "minimum": 1, "maximum": 5, "satisfied_from": 4},
        "headline": "top_two_share",
        "shown_beside": ["mean_score"],
        "element_rule": "mean_of_criteria",
        "content_rule": "mean_of_criteria",
        "index_rule": "weighted_contents",
        "declared_n_criteria": 5,
        "contents": [
            make_content(
                "P",
                (2, 3),
                {
                    "P-A": [make_criterion("a1"), make_criterion("a2")],
                    "P-B": [make_criterion("b1"), make_criterion("b2", question=False)],
                },
            ),
            make_content("S", (1, 3), {"S-1": [make_criterion("s1")]}),
        ],
    }
    return document | changes


def make_content(
    code: str, weight: tuple[int, int], elements: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    return {
        "code": code,
        "title": LABEL,
        "weight": {"numerator": weight[0], "denominator": weight[1]},
        "weight_is_provisional": True,
        "declared_n_criteria": sum(map(len, elements.values())),
        "elements": [
            {"code": name, "title": LABEL, "criteria": criteria} for name, criteria in elements.items()
        ],
    }


def make_design(n_psu: int = 24, n_rows: int = 10, seed: int = 1) -> tuple[SurveyDesign, np.ndarray]:
    """Six strata of four PSUs; three provinces of two strata."""
    psu = np.arange(n_psu * n_rows) // n_rows
    weights = np.random.default_rng(seed).uniform(10, 30, len(psu))
    provinces = np.array(["01", "02", "03"])[psu // 8]
    return SurveyDesign.from_arrays(weights, strata=psu // 4, clusters=psu), provinces


def make_answers(n: int = 240, seed: int = 1, missing: float = 0.1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        code: np.where(rng.random(n) < missing, np.nan, rng.integers(1, 6, n)).astype(float)
        for code in ("a1", "a2", "b1", "s1")
    }
