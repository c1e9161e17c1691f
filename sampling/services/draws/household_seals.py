"""Sealing the number of every drawn household, and opening it when its adults are listed."""

from sampling.design.households import seal_of
from sampling.design.stage_plans import StagePlan
from sampling.design.within_household import digest_of_seal
from sampling.models import Household, Sample
from sampling.models.samples import CaseQuerySet
from sampling.sealing import seal_household_number
from sampling.services.draws.computing import seeds_of

BATCH_SIZE = 2_000


def seal_households(sample: Sample, *, cases: CaseQuerySet | None = None, seed: str = "") -> int:
    """Seal the number of each household of a sample; without `cases`, of all that have none yet.

    A `seed` is that of a village which took the place of another; otherwise it is the seed of the draw.
    """
    plan = StagePlan.from_document(sample.template.document)
    if plan.households is None:
        return 0
    seed = seed or seeds_of(sample.round, common=sample.seed).at(plan.last)
    drawn = sample.cases.filter(household__isnull=True) if cases is None else cases
    rows = []
    for case in drawn.select_related("village__frame_unit").iterator(chunk_size=BATCH_SIZE):
        number = seal_of(seed, case.village.frame_unit.code, case.register_number)
        sealed, digest = seal_household_number(case, number), digest_of_seal(number)
        rows.append(Household(case=case, rule=plan.households.rule, seal=sealed, seal_digest=digest))
    return len(Household.objects.bulk_create(rows, batch_size=BATCH_SIZE))
