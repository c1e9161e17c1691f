"""All outcomes of a method with their exact probabilities, by trying every value of every random number."""

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest


class Tree:
    """Answers questions for random values from a prescribed path, and notes which others were possible."""

    def __init__(self, path: tuple[int, ...]) -> None:
        self.path = path
        self.weights: list[list[Fraction]] = []

    def answer(self, weights: list[Fraction]) -> int:
        step = len(self.weights)
        self.weights.append(weights)
        return self.path[step] if step < len(self.path) else 0

    def below(self, bound: int, *_labels: str) -> int:
        return self.answer([Fraction(1, bound)] * bound)

    def is_below(self, _number: int, probability: Fraction) -> bool:
        return self.answer([probability, 1 - probability]) == 0


def all_outcomes(
    run: Callable[[], Any], patch: pytest.MonkeyPatch, target: str, question: str
) -> dict[tuple[int, ...], Fraction]:
    """Probability of every sample; `target` is the function that is asked, `question` how it is answered."""
    outcomes: dict[tuple[int, ...], Fraction] = defaultdict(Fraction)
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        tree = Tree(path := waiting.pop())
        patch.setattr(target, getattr(tree, question))
        sample = tuple(one.index for one in run())
        taken = (*path, *([0] * (len(tree.weights) - len(path))))
        chance = Fraction(1)
        for step, (place, weights) in enumerate(zip(taken, tree.weights, strict=True)):
            if step >= len(path):
                waiting += [(*taken[:step], other) for other in range(1, len(weights)) if weights[other]]
            chance *= weights[place]
        outcomes[sample] += chance
    return outcomes


def inclusion(outcomes: dict[tuple[int, ...], Fraction], *units: int) -> Fraction:
    """Probability that all of some units are drawn."""
    return sum(
        (chance for sample, chance in outcomes.items() if set(units) <= set(sample)), start=Fraction(0)
    )
