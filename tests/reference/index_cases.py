"""Index cases go through the index core itself: a method is written from the arguments of the case."""

from fractions import Fraction
from typing import Any

import pandas as pd

from analysis.estimation import Estimate, SurveyDesign
from analysis.index import estimate_index, parse_index_method

LABEL = {"vi": "x", "en": "x"}


def write_method(items: list[list[str]], weights: list[float], satisfied_from: int) -> dict[str, Any]:
    """One content per element, so that the explicit weights of the case are content weights."""
    contents = []
    for number, (questions, weight) in enumerate(zip(items, weights, strict=True), start=1):
        fraction = Fraction(str(weight))
        criteria = [
            {"code": f"c-{question}", "title": LABEL, "question": question, "is_name_published": True}
            for question in questions
        ]
        contents.append(
            {
                "code": f"content-{number}",
                "title": LABEL,
                "weight": {"numerator": fraction.numerator, "denominator": fraction.denominator},
                "weight_is_provisional": False,
                "declared_n_criteria": len(questions),
                "elements": [{"code": f"element-{number}", "title": LABEL, "criteria": criteria}],
            }
        )
    return {
        "format": "index-method/1",
        "code": "reference",
        "version": 1,
        "decision": None,
        "decision_date": None,
        "valid_from_year": 2025,
        "valid_to_year": None,
        "title": LABEL,
        "sources": [],
        "confidence": "test",
        "is_provisional": False,
        "provisional_reason": {},
        "scale": {"code": "likert5", "minimum": 1, "maximum": 5, "satisfied_from": satisfied_from},
        "headline": "top_two_share",
        "shown_beside": ["mean_score"],
        "element_rule": "mean_of_criteria",
        "content_rule": "mean_of_elements",
        "index_rule": "weighted_contents",
        "declared_n_criteria": sum(map(len, items)),
        "contents": contents,
    }


def estimate_item_index(
    design: SurveyDesign, frame: pd.DataFrame, args: dict[str, Any], by: pd.Series | None = None
) -> Estimate:
    """The headline of the index as a share, in the nation or by domain."""
    lowest = int(args["satisfied"].removeprefix(">="))
    method = parse_index_method(write_method(args["items"], args["w"], lowest))
    answers = {question: frame[question].to_numpy() for question in method.questions}
    result = estimate_index(design, answers, method, by)
    estimate = result.get() if by is None else result.by_domain()
    return estimate.scaled(1 / 100, bounds=(0.0, 1.0))
