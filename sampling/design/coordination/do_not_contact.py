"""People who asked not to be contacted: they stay in the sample and are left in peace."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """Drawn ids in the order of the draw: those that may be contacted, and those that may not."""

    to_contact: tuple[str, ...]
    withheld: tuple[str, ...]


def honour_objections(drawn: Iterable[str], objections: Collection[str]) -> Reach:
    """Part a drawn list into those who may be contacted and those who objected.

    Parameters
    ----------
    drawn : iterable of str
        Ids in the order of the draw.
    objections : collection of str
        Ids on the do-not-contact list; others than the drawn ones do no harm.

    Returns
    -------
    Reach
        Both parts in the order of the draw.

    Notes
    -----
    The list of objections is applied after the draw and never to the frame. Who objects is a member of the
    population, and keeps his or her inclusion probability: the frame, its hash and the weights do not depend
    on the list. A withheld unit is counted as an eligible nonrespondent with an outcome of its own, which
    counts with the refusals [1]_, so that it stays in the denominator of the response rate and the adjustment
    of the weights makes up for it. A reserve in its place is released like any other, with its reason. Taking
    objectors out of the frame would silently narrow the population to people who did not object.

    References
    ----------
    .. [1] AAPOR (2023). Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys,
       10th edition: code 2.112, refusal by the known respondent.

    Examples
    --------
    >>> honour_objections(["03", "01", "02"], {"01", "99"})
    Reach(to_contact=('03', '02'), withheld=('01',))
    """
    listed = tuple(drawn)
    barred = frozenset(objections)
    return Reach(
        to_contact=tuple(unit for unit in listed if unit not in barred),
        withheld=tuple(unit for unit in listed if unit in barred),
    )
