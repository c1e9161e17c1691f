"""Geometry of the public charts."""

import itertools

import pytest

from survey_site.core.charts.elements import Content, Element, elements_chart
from survey_site.core.charts.headline import headline_chart
from survey_site.core.charts.marks import Figure, Group, Unit
from survey_site.core.charts.ranking import ROW_HEIGHT, Reference, ranking_chart
from survey_site.core.charts.scale import Scale, rounded_scale
from survey_site.core.charts.tiles import CELLS, COLUMNS, ROWS, short_name, tile_map

NATION = Figure(83.5, 82.9, 84.1)


def unit(code: str, value: float, group: Group = Group.NOT_DISTINGUISHABLE) -> Unit:
    return Unit(code, CELLS[code][0], Figure(value, value - 2, value + 2), group, 1, 34)


def test_a_scale_keeps_everything_inside() -> None:
    scale = Scale(70, 90)
    assert [scale.position(value) for value in (60, 70, 80, 90, 95)] == [0, 0, 50, 100, 100]


def test_an_axis_is_made_of_whole_steps() -> None:
    assert rounded_scale([73.2, 88.1], 5) == Scale(70, 90)
    assert [tick.value for tick in Scale(70, 90).ticks(5)] == [70, 75, 80, 85, 90]


def test_an_axis_has_length_for_equal_values() -> None:
    assert rounded_scale([80, 80], 5) == Scale(75, 85)
    assert rounded_scale([100, 100], 5) == Scale(95, 100)


def test_an_axis_of_percentages_never_leaves_0_to_100() -> None:
    assert rounded_scale([-3, 104], 5) == Scale(0, 100)


def test_no_figures_make_no_axis() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        rounded_scale([], 5)


def test_ranking_has_groups_in_order_and_units_by_estimate() -> None:
    units = [
        unit("12", 100, Group.NOT_COMPARABLE),
        unit("48", 76, Group.LOWER),
        unit("14", 91, Group.HIGHER),
        unit("01", 84),
        unit("80", 93, Group.HIGHER),
        unit("96", 85),
    ]
    chart = ranking_chart(units, NATION)
    assert [group.group for group in chart.groups] == list(Group)
    assert [[row.unit.code for row in group.rows] for group in chart.groups] == [
        ["80", "14"],
        ["96", "01"],
        ["48"],
        ["12"],
    ]


def test_ranking_leaves_out_empty_groups() -> None:
    assert [group.group for group in ranking_chart([unit("01", 84)], NATION).groups] == [
        Group.NOT_DISTINGUISHABLE
    ]


def test_rows_never_overlap_and_stay_on_the_plot() -> None:
    chart = ranking_chart([unit(code, 80 + index / 10) for index, code in enumerate(CELLS)], NATION)
    heights = [row.y for group in chart.groups for row in group.rows]
    assert all(below - above >= ROW_HEIGHT for above, below in itertools.pairwise(heights))
    assert heights[-1] + ROW_HEIGHT // 2 == chart.plot_bottom < chart.height


def test_a_whisker_holds_its_mark() -> None:
    [row] = ranking_chart([unit("01", 84)], NATION).groups[0].rows
    assert row.whisker.x < row.x < row.whisker.end


def test_the_selected_row_and_its_likes_are_marked() -> None:
    reference = Reference("48", similar={"01"}, incomparable={"96"})
    chart = ranking_chart([unit("01", 84), unit("48", 83), unit("96", 79)], NATION, reference)
    rows = {row.unit.code: row for row in chart.groups[0].rows}
    assert [code for code, row in rows.items() if row.is_selected] == ["48"]
    assert [code for code, row in rows.items() if row.is_similar] == ["01"]
    assert [code for code, row in rows.items() if row.is_incomparable] == ["96"]


def test_elements_keep_the_official_order() -> None:
    contents = [
        Content(
            "P", "Policy", [Element("P-B", "B", Figure(70, 69, 71)), Element("P-A", "A", Figure(90, 89, 91))]
        ),
        Content("S", "Service", [Element("S-1", "1", Figure(80, 79, 81), Figure(75, 71, 79))]),
    ]
    chart = elements_chart(contents)
    codes = [row.element.code for group in chart.groups for row in group.rows]
    heights = [row.y for group in chart.groups for row in group.rows]
    assert codes == ["P-B", "P-A", "S-1"]
    assert heights == sorted(heights)
    assert chart.height > heights[-1]


def test_an_element_carries_the_province_over_the_nation() -> None:
    [group] = elements_chart([Content("S", "S", [Element("S-1", "1", NATION, Figure(75, 71, 79))])]).groups
    [row] = group.rows
    assert row.province is not None
    assert row.province.x < row.nation.x


def test_the_map_has_34_tiles_that_do_not_overlap() -> None:
    places = {(column, row) for _name, column, row in CELLS.values()}
    assert len(CELLS) == len(places) == 34
    assert all(0 <= column < COLUMNS and 0 <= row < ROWS for column, row in places)


@pytest.mark.parametrize("codes", [[], ["01"], list(CELLS)])
def test_hoang_sa_and_truong_sa_are_always_drawn(codes: list[str]) -> None:
    chart = tile_map([unit(code, 84) for code in codes])
    assert [(islands.name, islands.province_name) for islands in chart.archipelagos] == [
        ("Hoàng Sa", "Đà Nẵng"),
        ("Trường Sa", "Khánh Hòa"),
    ]
    assert all(islands.islets for islands in chart.archipelagos)
    assert all(
        0 < x < chart.width and 0 < y < chart.height for each in chart.archipelagos for x, y in each.islets
    )


def test_archipelagos_take_the_fill_of_their_provinces() -> None:
    chart = tile_map([unit("48", 90, Group.HIGHER), unit("56", 70, Group.LOWER)])
    assert [islands.css_class for islands in chart.archipelagos] == ["higher", "lower"]


def test_a_province_without_a_figure_keeps_its_tile() -> None:
    chart = tile_map([unit("01", 84)])
    assert sum(tile.unit is None for tile in chart.tiles) == 33


def test_an_unknown_code_keeps_its_own_name() -> None:
    assert short_name("99", "Tỉnh khác") == "Tỉnh khác"


def test_the_headline_axis_ends_at_100() -> None:
    chart = headline_chart(NATION)
    assert [tick.value for tick in chart.ticks] == [70, 80, 90, 100]
    assert chart.interval.x < chart.x < chart.interval.end


def test_a_long_axis_labels_every_second_grid_line_and_never_the_last() -> None:
    unit = Unit("01", "Hà Nội", Figure(84, 66, 99), Group.HIGHER, 1, 1)
    ticks = ranking_chart([unit], Figure(80, 76, 81)).ticks
    assert [tick.value for tick in ticks if tick.is_labelled] == [70, 80, 90]
    assert len(ticks) == 8
    assert [tick.value for tick in ticks if tick.is_last] == [100]
    narrow = Unit("01", "Hà Nội", Figure(84, 83, 85), Group.HIGHER, 1, 1)
    short = ranking_chart([narrow], Figure(80, 76, 81)).ticks
    assert [tick.is_labelled for tick in short] == [True] * (len(short) - 1) + [False]
