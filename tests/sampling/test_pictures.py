import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.viewsets import pictures
from sampling.viewsets.pictures import ARCHIPELAGOS, allocation_bars, commune_map, size_distribution

sizes = st.lists(st.integers(1, 50_000), min_size=1, max_size=40)


def test_examples_run():
    results = doctest.testmod(pictures)
    assert results.attempted
    assert not results.failed


def test_no_strata_give_no_bars():
    assert allocation_bars([]) == []
    assert allocation_bars([("01", 0, 5)])[0].width == 0


@given(st.lists(st.tuples(st.just("x"), st.integers(0, 50), st.integers(0, 500)), max_size=20))
def test_no_bar_leaves_the_plot_or_promises_more_than_there_is(strata: list[tuple[str, int, int]]):
    for bar in allocation_bars(strata):
        assert 0 <= bar.width <= 100
        assert bar.wanted <= bar.n_units


def test_archipelagos_are_on_every_map_and_inside_it():
    empty = commune_map([], [])
    assert [each.spot.title for each in empty.archipelagos] == ["Hoàng Sa", "Trường Sa"]
    for each in empty.archipelagos:
        assert 0 < each.spot.x < empty.width
        assert 0 < each.name_y < empty.height
        assert not each.is_drawn


@pytest.mark.parametrize(("name", "latitude", "longitude"), ARCHIPELAGOS)
def test_drawn_archipelago_is_marked(name: str, latitude: float, longitude: float):
    picture = commune_map([(latitude, longitude)], [(name, latitude, longitude)])
    assert [each.spot.title for each in picture.archipelagos if each.is_drawn] == [name]


@given(sizes, sizes)
def test_classes_cover_every_unit_of_the_frame_once(frame: list[int], drawn: list[int]):
    inside = [size for size in drawn if min(frame) <= size <= max(frame)]
    classes = size_distribution(frame, inside)
    assert sum(each.n_frame for each in classes) == len(frame)
    assert sum(each.n_drawn for each in classes) == len(inside)
    assert all(0 <= each.frame_width <= 100 and 0 <= each.drawn_width <= 100 for each in classes)
    assert max(max(each.frame_width, each.drawn_width) for each in classes) == pytest.approx(100)


def test_frame_without_units_has_no_classes():
    assert size_distribution([], []) == []
