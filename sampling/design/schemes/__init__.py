"""Methods of selection, from simple random to balanced: functions of units, a sample size and a seed.

A design names a method by its code in `METHODS`; `select` draws. Every method takes certain units out one
round after another, works with whole numbers and fractions, derives its randomness from the seed, the labels
and the ids of the units, and settles ties by id. The result is the same on every machine.
"""

from sampling.design.schemes.balanced import Balance, balance_of, balanced_places, cube
from sampling.design.schemes.elimination import tille
from sampling.design.schemes.equal_steps import systematic, systematic_by_size, systematic_in_random_order
from sampling.design.schemes.numbered import bernoulli, pareto, poisson, sequential_poisson, simple
from sampling.design.schemes.registry import METHODS, Method, joint_probabilities_of, method_named, select
from sampling.design.schemes.rejective import sampford
from sampling.design.schemes.serpentine import serpentine_order
from sampling.design.schemes.units import Unit, target_probabilities

__all__ = [
    "METHODS",
    "Balance",
    "Method",
    "Unit",
    "balance_of",
    "balanced_places",
    "bernoulli",
    "cube",
    "joint_probabilities_of",
    "method_named",
    "pareto",
    "poisson",
    "sampford",
    "select",
    "sequential_poisson",
    "serpentine_order",
    "simple",
    "systematic",
    "systematic_by_size",
    "systematic_in_random_order",
    "target_probabilities",
    "tille",
]
