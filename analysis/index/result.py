"""The estimated index: every node, domain and statistic with its precision."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.estimation import Estimate, FloatArray
from analysis.estimation.comparisons.degrees import satterthwaite
from analysis.index.errors import IndexEstimationError
from analysis.index.method import IndexMethod
from analysis.index.nodes import CONTENT, CRITERION, INDEX_CODE, IndexNode, map_nodes

NATION = "nation"
TOP_TWO = "top_two_share"
POOLED_SHARE = "pooled_top_two_share"
INTERVAL_METHOD = "logit"


@dataclass(frozen=True, eq=False, repr=False)
class IndexResult:
    """An index and its parts, for the nation and every domain.

    Attributes
    ----------
    method : IndexMethod
    nodes : tuple of IndexNode
        The index, its contents, elements and criteria, parents first.
    domains : tuple
        The nation first, then the labels of the domains.
    estimates : mapping of statistic to Estimate
        ``top_two_share`` and ``mean_score`` hold all nodes of a domain, then those of the next;
        ``pooled_top_two_share`` the elements only. Each keeps the covariance of all its entries.
    item_nonresponse : float array, shape (n_domains, n_nodes)
        Unweighted share of missing answers among those to whom a criterion applies, the mean over the
        criteria of a node; NaN where one applies to nobody.
    not_applicable : float array, shape (n_domains, n_nodes)
        Unweighted share of those to whom a criterion does not apply, the mean over the criteria of a node.
    not_estimated : tuple of str
        Codes of criteria (and elements) of the method for which no question was asked.
    """

    method: IndexMethod
    nodes: tuple[IndexNode, ...]
    domains: tuple[Hashable, ...]
    estimates: Mapping[str, Estimate]
    item_nonresponse: FloatArray
    not_applicable: FloatArray
    not_estimated: tuple[str, ...]

    def __str__(self) -> str:
        return str(self.with_nation())

    def __repr__(self) -> str:
        size = f"{len(self.nodes)} nodes, {len(self.parts)} domains, {len(self.estimates)} statistics"
        return f"<IndexResult of {self.method.code}: {size}>"

    @property
    def parts(self) -> tuple[Hashable, ...]:
        """The domains without the nation."""
        return self.domains[1:]

    def get(
        self, node: str = INDEX_CODE, domain: Hashable = NATION, statistic: str | None = None
    ) -> Estimate:
        """Return the estimate of one node in one domain; the method's headline by default."""
        return self._select([(domain, node)], statistic)

    def by_domain(self, node: str = INDEX_CODE, statistic: str | None = None) -> Estimate:
        """Return one node in every domain but the nation, with covariance."""
        return self._select([(domain, node) for domain in self.parts], statistic)

    def with_nation(self, node: str = INDEX_CODE, statistic: str | None = None) -> Estimate:
        """Return one node in the nation and then in every domain, with covariance."""
        return self._select([(domain, node) for domain in self.domains], statistic)

    def contents(self, domain: Hashable = NATION, statistic: str | None = None) -> Estimate:
        """Return the index and its contents in one domain, with covariance, as PAR scoring needs them."""
        codes = [INDEX_CODE, *(node.code for node in self.nodes if node.level == CONTENT)]
        return self._select([(domain, code) for code in codes], statistic)

    def contrast(
        self,
        weights: Mapping[str, float],
        domain: Hashable = NATION,
        statistic: str | None = None,
        *,
        name: str = "contrast",
    ) -> Estimate:
        """Return a linear combination of nodes of one domain, with the covariance between them.

        Parameters
        ----------
        weights : mapping of node to float
            For example ``{"C1": 1, "C2": -1}`` for the first content minus the second.
        domain : hashable
            The nation by default.
        statistic : str, optional
            The method's headline by default.
        name : str
            Of the result.

        Returns
        -------
        Estimate
            One entry, as of :meth:`analysis.estimation.Estimate.contrast`, in the domain.

        Raises
        ------
        IndexEstimationError
            If there is no such domain, node or statistic, or no weight.
        """
        if not weights:
            raise IndexEstimationError(
                expected="at least one node with a weight", got="none", hint='Pass {"node": weight, ...}.'
            )
        nodes = self._select([(domain, node) for node in weights], statistic)
        return replace(nodes.contrast([list(weights.values())], [name]), domains=(domain,))

    def plain_mean(self, node: str = INDEX_CODE, statistic: str | None = None) -> Estimate:
        """Return the unweighted mean of the domains, as some publications print for the nation.

        Its degrees of freedom are Satterthwaite's for a mean of independent domains; those of all
        domains together where none has a variance.

        Raises
        ------
        IndexEstimationError
            If the index was estimated for the nation only.
        """
        if not self.parts:
            raise IndexEstimationError(
                expected="domains to average", got="the nation only", hint="Pass domains= to estimate_index."
            )
        domains = self.by_domain(node, statistic)
        share = 1 / len(domains)
        mean = domains.contrast(np.full((1, len(domains)), share), [f"plain mean of {node}"])
        df = satterthwaite(
            share**2 * np.diag(domains.covariance)[:, None], domains.degrees_of_freedom[:, None]
        )
        df = np.where(mean.standard_error > 0, df, domains.degrees_of_freedom.sum())
        return replace(mean, degrees_of_freedom=df, n=np.array([domains.n.sum()]), bounds=domains.bounds)

    def unanswered(self, node: str = INDEX_CODE, domain: Hashable = NATION) -> tuple[str, ...]:
        """Return the criteria of a node that nobody in the domain answered: why it has no value there.

        Raises
        ------
        IndexEstimationError
            If there is no such domain or node.
        """
        self._select([(domain, node)], TOP_TWO)
        place = self.domains.index(domain), [each.code for each in self.nodes].index(node)
        return self._unanswered().get(place, ())

    def _unanswered(self) -> dict[tuple[int, int], tuple[str, ...]]:
        """List the criteria without answers by domain and node, for nodes without a value."""
        weights = map_nodes(self.method).weights
        is_criterion = np.array([node.level == CRITERION for node in self.nodes])
        is_member = ((weights @ weights.T) != 0) & is_criterion
        is_missing = np.isnan(self.estimates[TOP_TWO].value.reshape(-1, len(self.nodes)))
        return {
            (domain, node): tuple(
                self.nodes[criterion].code
                for criterion in np.flatnonzero(is_member[node] & is_missing[domain])
            )
            for domain, node in np.argwhere(is_missing).tolist()
        }

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row per domain, node and statistic.

        Columns: domain, node, level, statistic, value, standard_error, low, high, df, deff, effective_n, cv,
        n, flags, item_nonresponse, not_applicable and unanswered: the criteria that nobody answered, for
        which the node has no value. Shares in per cent; intervals are logit with Student's t.
        """
        levels = {node.code: node.level for node in self.nodes}
        frames = []
        for statistic, estimate in self.estimates.items():
            frame = estimate.to_frame(level, INTERVAL_METHOD).rename(columns={"name": "node"})
            frame.insert(2, "level", frame["node"].map(levels))
            frame.insert(3, "statistic", statistic)
            frames.append(frame)
        unanswered = self._unanswered()
        missing = pd.DataFrame(
            {
                "domain": np.repeat(np.asarray(self.domains, dtype=object), len(self.nodes)),
                "node": [node.code for node in self.nodes] * len(self.domains),
                "item_nonresponse": self.item_nonresponse.ravel(),
                "not_applicable": self.not_applicable.ravel(),
                "unanswered": [
                    " ".join(unanswered.get((domain, node), ()))
                    for domain in range(len(self.domains))
                    for node in range(len(self.nodes))
                ],
            }
        )
        return pd.concat(frames, ignore_index=True).merge(missing, on=["domain", "node"], how="left")

    def _select(self, wanted: list[tuple[Hashable, str]], statistic: str | None) -> Estimate:
        chosen = self.method.headline if statistic is None else statistic
        if chosen not in self.estimates:
            raise IndexEstimationError(
                expected=f"a statistic among {', '.join(self.estimates)}",
                got=repr(chosen),
                hint="Leave statistic out for the headline of the method.",
            )
        estimate = self.estimates[chosen]
        position = {
            pair: place for place, pair in enumerate(zip(estimate.domains, estimate.names, strict=True))
        }
        unknown = [pair for pair in wanted if pair not in position]
        if unknown:
            raise IndexEstimationError(
                expected="a domain and a node of the result",
                got=", ".join(f"{domain}: {node}" for domain, node in unknown),
                hint="See the domains and nodes of the result; the pooled share has elements only.",
            )
        return estimate.select([position[pair] for pair in wanted])
