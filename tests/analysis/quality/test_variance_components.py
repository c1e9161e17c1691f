import numpy as np
import pytest

from analysis.quality import ComponentsError, variance_components

TRUE = np.array([0.5, 0.8, 2.0])


def make_sample(rng: np.random.Generator, *, is_unbalanced: bool):
    rows = []
    for stratum in range(4):
        for commune in range(6):
            a = rng.normal(0, np.sqrt(TRUE[0]))
            for village in range(rng.integers(2, 5) if is_unbalanced else 3):
                b = rng.normal(0, np.sqrt(TRUE[1]))
                n = rng.integers(3, 12) if is_unbalanced else 6
                e = rng.normal(0, np.sqrt(TRUE[2]), n)
                rows += [(stratum, commune, village, 10 * stratum + a + b + one) for one in e]
    return np.array(rows).T


@pytest.mark.parametrize("shape", ["balanced", "unbalanced"])
def test_estimates_are_unbiased(shape: str) -> None:
    rng = np.random.default_rng(20261122)
    raw = []
    for _sample in range(250):
        stratum, commune, village, y = make_sample(rng, is_unbalanced=shape == "unbalanced")
        weights = rng.uniform(0.5, 2.0, len(y))
        raw.append(variance_components(y, [commune, village], strata=stratum, weights=weights).raw)
    error = np.std(raw, axis=0) / np.sqrt(len(raw))
    assert (np.abs(np.mean(raw, axis=0) - TRUE) < 4 * error).all()


def test_balanced_sample_gives_the_classical_mean_squares() -> None:
    rng = np.random.default_rng(7)
    y = rng.normal(size=(8, 5)) + rng.normal(size=(8, 1))
    groups = np.repeat(np.arange(8), 5)
    found = variance_components(y.ravel(), [groups])
    between, within = 5 * y.mean(axis=1).var(ddof=1), y.var(axis=1, ddof=1).mean()
    assert found.raw == pytest.approx([(between - within) / 5, within])
    assert found.correlations == pytest.approx([(between - within) / 5 / (between / 5 + within * 4 / 5)])


def test_codes_may_repeat_in_other_communes_and_rows_may_be_shuffled() -> None:
    rng = np.random.default_rng(3)
    stratum, commune, village, y = make_sample(rng, is_unbalanced=True)
    first = variance_components(y, [commune, village], strata=stratum)
    unique = [f"{s}-{c}-{v}" for s, c, v in zip(stratum, commune, village, strict=True)]
    order = rng.permutation(len(y))
    second = variance_components(y[order], [commune[order], np.array(unique)[order]], strata=stratum[order])
    assert second.raw == pytest.approx(first.raw)
    assert first.n_units.tolist() == [24, len(set(unique)), len(y)]


def test_level_of_the_answers_does_not_matter() -> None:
    stratum, commune, village, y = make_sample(np.random.default_rng(5), is_unbalanced=True)
    plain = variance_components(y, [commune, village], strata=stratum)
    moved = variance_components(y + 1e6, [commune, village], strata=stratum)
    assert moved.raw == pytest.approx(plain.raw, rel=1e-6)


def test_missing_answers_take_no_part() -> None:
    stratum, commune, village, y = make_sample(np.random.default_rng(11), is_unbalanced=True)
    kept = np.random.default_rng(1).random(len(y)) > 0.2
    holes = np.where(kept, y, np.nan)
    whole = variance_components(y[kept], [commune[kept], village[kept]], strata=stratum[kept])
    assert variance_components(holes, [commune, village], strata=stratum).raw == pytest.approx(whole.raw)


def test_no_sign_of_a_spread_is_zero_and_said() -> None:
    found = variance_components([0.0, 2.0, 0.0, 2.0], [[1, 1, 2, 2]])
    assert found.raw[0] < 0
    assert found.value.tolist() == [0.0, 2.0]
    assert found.correlations.tolist() == [0.0]
    assert variance_components([1.0, 1.0, 1.0, 1.0], [[1, 1, 2, 2]]).correlations.tolist() == [0.0]


@pytest.mark.parametrize(
    ("answers", "clusters", "options", "words"),
    [
        ([1.0, 2.0], [[1, 1, 2]], {}, "columns of 2 rows"),
        ([np.nan, np.nan], [[1, 2]], {}, "at least one answer"),
        ([1.0, 2.0], [[1, 2]], {"weights": [1.0, 0.0]}, "weights above 0"),
        ([1.0, 2.0], [[1, 2]], {}, "stage 2"),
        ([1.0, 2.0, 3.0, 5.0], [[1, 1, 2, 2]], {"strata": [1, 1, 2, 2]}, "stage 1"),
    ],
)
def test_samples_that_tell_nothing_are_refused(
    answers: list[float], clusters: list[list[int]], options: dict[str, list[float]], words: str
) -> None:
    with pytest.raises(ComponentsError, match=words):
        variance_components(answers, clusters, **options)
