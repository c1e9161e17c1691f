"""The pages of the planner: who may, what they show, what they refuse, and their files."""

import csv
import io
import json
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from sampling.design.list_design import ListDesign
from sampling.methods import parse_sampling_template
from sampling.models import AdministrativeUnit, SamplingTemplate, SurveyRound, TerritoryMember
from sampling.services import load_sampling_templates
from sampling.viewsets.planner_strata import read_strata
from tests.questionnaires.rounds import make_user
from tests.sampling.makers import N_COMMUNES, load_frames, make_round, make_units

pytestmark = pytest.mark.django_db

AREA, LISTS, SIZES = "planner:index", "planner:lists", "planner:sizes"
PAGES = (AREA, LISTS, SIZES)
N_STRATA = 2


@pytest.fixture
def planner(client: Client) -> Client:
    client.force_login(make_user("planner", "wagtailadmin.access_admin", "sampling.change_surveyround"))
    return client


@pytest.fixture
def survey_round() -> SurveyRound:
    make_units()
    survey_round = make_round()
    load_frames(survey_round)
    return survey_round


@pytest.fixture
def framed(planner: Client, survey_round: SurveyRound) -> Client:
    """A planner who has a round with its frames."""
    assert survey_round.frames.exists()
    return planner


def ask(client: Client, page: str = AREA, **choices: Any) -> Any:
    response = client.get(reverse(page), choices)
    assert response.status_code == 200
    return response


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("page", PAGES)
def test_pages_need_the_right_to_change_or_draw(client: Client, page: str) -> None:
    client.force_login(make_user("viewer", "wagtailadmin.access_admin", "sampling.view_surveyround"))
    assert client.get(reverse(page)).status_code == 302
    client.force_login(make_user("drawer", "wagtailadmin.access_admin", "sampling.draw_sample"))
    assert client.get(reverse(page)).status_code == 200


def test_menu_leads_to_the_planner_only_for_those_who_may(client: Client, planner: Client) -> None:
    address = reverse(AREA)
    assert address in text_of(planner.get(reverse("wagtailadmin_home")))
    client.force_login(make_user("viewer", "wagtailadmin.access_admin", "sampling.view_surveyround"))
    assert address not in text_of(client.get(reverse("wagtailadmin_home")))


def test_without_a_template_the_page_says_what_to_do(planner: Client) -> None:
    empty = ask(planner)
    assert empty.context["form"] is None
    assert "planner-form" not in text_of(empty)
    make_round()
    assert ask(planner).context["form"] is None
    SamplingTemplate.objects.update(document={})
    assert ask(planner).context["form"] is None


def test_round_of_another_province_is_not_offered(framed: Client, survey_round: SurveyRound) -> None:
    user = get_user_model().objects.get(username="planner")
    first, second = AdministrativeUnit.objects.filter(level="province")[:2]
    TerritoryMember.objects.create(user=user, province=first)
    assert ask(framed).context["form"]["basis"].value() == f"round:{survey_round.pk}"
    SurveyRound.objects.update(territory=second)
    assert ask(framed).context["form"]["basis"].value().startswith("template:")


def test_plan_starts_as_the_template(planner: Client, survey_round: SurveyRound) -> None:
    result = ask(planner).context["result"]
    (row,) = result.rows
    assert row.name == "Tây Ninh"
    assert row.planned == row.standard
    assert row.planned.counts == (4, 8, 40)
    assert result.planned.takes == "2 × 2 × 5"
    assert {one.code for one in result.strata} == {"72", "80"}
    assert [one.plan.stages[0].available for one in result.strata] == [N_COMMUNES, N_COMMUNES]
    assert survey_round.name in text_of(ask(planner))


@pytest.mark.parametrize(
    ("rule", "choices", "total"),
    [
        ("equal", {"n": 6}, 6),
        ("proportional", {"n": 7}, 7),
        ("neyman", {"n": 8}, 8),
        ("power", {"n": 9, "q": 0.3}, 9),
        ("cost_optimal", {"n": 10}, 10),
        ("fixed", {"per": 3}, 6),
        ("margin", {"target": 12}, None),
    ],
)
def test_every_rule_makes_a_plan(
    planner: Client, survey_round: SurveyRound, rule: str, choices: Any, total: int | None
) -> None:
    response = ask(planner, basis=f"round:{survey_round.pk}", rule=rule, **choices)
    result = response.context["result"]
    assert response.context["refusal"] == ""
    assert total is None or result.planned.expected.counts[0] == total
    assert rule != "margin" or result.rows[0].margin <= 12


@pytest.mark.parametrize(
    ("strata", "n_strata", "n_rows"),
    [
        ("province", 1, 1),
        ("predecessor", 2, 1),
        ("urban", 2, 2),
        ("region", 1, 1),
        ("province_urban", 2, 1),
        ("predecessor_urban", 4, 1),
        ("region_urban", 2, 1),
    ],
)
def test_strata_come_from_any_attribute(framed: Client, strata: str, n_strata: int, n_rows: int) -> None:
    result = ask(framed, strata=strata, rule="fixed", per=2).context["result"]
    assert len(result.strata) == n_strata
    assert len(result.rows) == n_rows
    assert (result.standard is None) == (strata == "urban")


def test_template_sizes_are_for_its_own_strata(framed: Client) -> None:
    response = ask(framed, strata="province", rule="template")
    assert response.context["result"] is None
    assert "help-critical" in text_of(response)
    assert response.context["refusal"]


@pytest.mark.parametrize(
    "choices",
    [
        {"rule": "equal", "n": 1},
        {"rule": "equal", "n": 13},
        {"rule": "equal", "n": 12, "most": 3},
        {"rule": "margin", "target": 0.5},
    ],
)
def test_impossible_plan_says_so(framed: Client, choices: Any) -> None:
    response = ask(framed, **choices)
    assert response.context["result"] is None
    assert response.context["refusal"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("take_village", "0"),
        ("share", "120"),
        ("rho_commune", "1.5"),
        ("rho_village", "0.995"),
        ("rule", "luck"),
        ("most", "1"),
        ("components", "stratum;commune\n72;1"),
        ("components", "stratum;commune;village;person\n72;1;x;2"),
        ("response", "nan"),
    ],
)
def test_wrong_entries_are_marked(framed: Client, name: str, value: str) -> None:
    response = ask(framed, **{name: value})
    assert response.context["result"] is None
    assert response.context["form"].errors[name]
    assert response.context["form"][name].value() == value


def test_basis_that_does_not_exist_is_replaced(planner: Client, survey_round: SurveyRound) -> None:
    for basis in ("round:0", "template:999999", "x", "round:" + "9" * 30):
        response = ask(planner, basis=basis)
        assert response.context["form"]["basis"].value() == f"round:{survey_round.pk}"


def test_address_is_the_plan(framed: Client) -> None:
    first = ask(framed, strata="predecessor_urban", rule="power", n=9, take_person=8, share=70)
    second = framed.get(f"{reverse(AREA)}?{first.context['query']}")
    assert second.context["result"] == first.context["result"]
    assert "cost_commune=3000" in first.context["query"]


def test_own_components_replace_the_correlations(framed: Client) -> None:
    plain = ask(framed).context["result"]
    table = "stratum;mean;commune;village;person\n*;0.8;0,002;0.004;0.15\n72;0.8;0.02;0.004;0.15"
    own = ask(framed, components=table).context["result"]
    by_code = {one.code: one.plan.components.variances for one in own.strata}
    assert by_code == {"72": (0.02, 0.004, 0.15), "80": (0.002, 0.004, 0.15)}
    assert own.rows[0].margin != plain.rows[0].margin


def test_warnings_name_few_degrees_of_freedom_and_wide_margins(framed: Client) -> None:
    warnings = ask(framed).context["warnings"]
    assert len(warnings) == 2
    assert len(ask(framed, rule="fixed", per=1, least=1).context["warnings"]) == 3


def test_page_shows_what_more_would_buy(framed: Client) -> None:
    response = ask(framed, place="80", take_person=15)
    bars = {bar.purchase.stage: bar for bar in response.context["purchases"]}
    assert bars["commune"].gain > 5 * bars["person"].gain
    assert bars["commune"].bar == 100
    assert len(response.context["curve"].lines) == 3
    assert response.context["floor"] < response.context["place"].margin
    assert [take["now"] for take in response.context["takes"]] == [2, 15]


def test_plan_without_costs_has_no_curve_and_no_best_takes(framed: Client) -> None:
    response = ask(framed, cost_commune=0, cost_village=0, cost_person=0)
    assert response.context["curve"] is None
    assert response.context["takes"] == []


def test_single_commune_per_stratum_shows_no_margin(framed: Client) -> None:
    response = ask(framed, rule="fixed", per=1, least=1)
    assert response.context["result"].rows[0].margin is None
    assert response.context["curve"] is None


def test_pictures_need_no_style_attribute_and_no_script(framed: Client) -> None:
    html = ask(framed).content.decode()
    region = html[html.index('class="planner"') :]
    assert " style=" not in region[: region.index("</main>")]
    assert 'role="img"' in region
    assert re.search(r'(width|x|cx|x1)="\d+,\d', region) is None


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_pages_speak_both_languages(framed: Client, page: str, language: str) -> None:
    with translation.override(language):
        response = framed.get(reverse(page), headers={"accept-language": language})
    assert response.status_code == 200
    assert response.context["result"] is not None


def test_tables_hold_domains_strata_and_assumptions(framed: Client) -> None:
    text = ask(framed, download="csv").content.decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(text))
    assert len(header) == len(row)
    assert row[:5] == ["80", "Tây Ninh", "4", "8", "40"] or [float(cell) for cell in row[2:5]] == [4, 8, 40]
    book = load_workbook(io.BytesIO(ask(framed, download="xlsx").content))
    assert len(book.sheetnames) == 3
    strata = list(book.worksheets[1].iter_rows(values_only=True))
    assert [line[0] for line in strata[1:]] == ["72", "80"]


def test_unknown_file_is_the_page(framed: Client) -> None:
    assert "text/html" in ask(framed, download="exe")["Content-Type"]
    assert "text/html" in ask(framed, download="csv", rule="luck")["Content-Type"]


def make_real_templates() -> dict[str, SamplingTemplate]:
    make_units()
    load_sampling_templates()
    return {template.code: template for template in SamplingTemplate.objects.all()}


def test_plan_by_province_is_a_sampling_template(planner: Client) -> None:
    template = make_real_templates()["sipas-2025-63x6"]
    for strata, level_day in (("province", "2025-07-01"), ("predecessor", "2025-06-30")):
        response = ask(
            planner,
            basis=f"template:{template.pk}",
            strata=strata,
            rule="proportional",
            n=9,
            take_person=20,
            download="json",
        )
        document = json.loads(response.content)
        parsed = parse_sampling_template(document)
        assert parsed.strata.valid_on.isoformat() == level_day
        assert parsed.stage("person").n_units == 20
        assert parsed.expected["commune"] == 9
        assert parsed.is_provisional


@pytest.mark.parametrize(
    ("strata", "by", "level", "title"),
    [
        ("region", ["region"], "nation", "region"),
        ("urban", ["urban"], "nation", "urban or rural"),
        ("region_urban", ["region", "urban"], "nation", "region, urban or rural"),
        ("province_urban", ["province", "urban"], "province", "province, urban or rural"),
        (
            "predecessor_urban",
            ["predecessor", "urban"],
            "province",
            "province before July 2025, urban or rural",
        ),
        ("unit_type", ["unit_type"], "nation", "type of unit"),
    ],
)
def test_a_plan_by_any_attributes_is_a_template_that_can_be_drawn(
    planner: Client, strata: str, by: list[str], level: str, title: str
) -> None:
    template = make_real_templates()["sipas-2025-34x6"]
    response = ask(
        planner, basis=f"template:{template.pk}", strata=strata, rule="proportional", n=9, download="json"
    )
    document = json.loads(response.content)
    parsed = parse_sampling_template(document)
    assert (list(parsed.strata.by), parsed.strata.level) == (by, level)
    assert parsed.strata.title.en == title
    assert parsed.expected["commune"] == 9


def test_template_with_districts_plans_four_stages_without_a_frame(planner: Client) -> None:
    template = make_real_templates()["sipas-2022-63x3x2x3"]
    response = ask(planner, basis=f"template:{template.pk}")
    result = response.context["result"]
    assert {len(one.plan.stages) for one in result.strata} == {4}
    assert {one.plan.takes for one in result.strata} == {(3, 2, 3, 31)}
    assert [one.stage for one in (bar.purchase for bar in response.context["purchases"])] == [
        "district",
        "commune",
        "village",
        "person",
    ]


def test_round_without_a_frame_is_planned_from_todays_communes(planner: Client) -> None:
    make_units()
    survey_round = make_round()
    result = ask(planner, basis=f"round:{survey_round.pk}").context["result"]
    assert [one.plan.size for one in result.strata] == [N_COMMUNES] * N_STRATA


def test_planning_takes_few_queries(framed: Client, django_assert_max_num_queries: Any) -> None:
    ask(framed)
    with django_assert_max_num_queries(25):
        ask(framed)


TABLE = (
    "province;field;N;SD;mean;cost\n01;land;42.000;38;82;60\n01;birth;95000;30,5;90;40\n79;land;900;40;80;60"
)


def post(client: Client, **fields: Any) -> Any:
    response = client.post(reverse(LISTS), fields)
    assert response.status_code == 200
    return response


def test_list_is_planned_by_strata_and_domains(planner: Client) -> None:
    response = post(planner, table=TABLE, rule="neyman", n=1000, least=50, response=50)
    result = response.context["result"]
    assert sum(result.sizes) == 1000
    assert [row.key for row in result.domains] == [("01",), ("79",)]
    assert [row.expected.population for row in result.strata] == [42_000, 95_000, 900]
    assert result.table.strata[1].sds == (30.5,)
    assert result.whole.margin < min(row.margin for row in result.strata)
    assert response.context["query"]


def test_plan_of_a_list_is_its_address_too(planner: Client) -> None:
    first = post(planner, table=TABLE, rule="cost_optimal", n=500, least=20)
    second = planner.get(f"{reverse(LISTS)}?{first.context['query']}")
    assert second.context["result"] == first.context["result"]


def test_table_may_come_as_a_file_and_stays_in_the_form(planner: Client) -> None:
    upload = SimpleUploadedFile("strata.csv", TABLE.encode("utf-8-sig"))
    response = post(planner, file=upload, rule="equal", n=300, least=2)
    assert response.context["result"].sizes == (100, 100, 100)
    assert response.context["form"]["table"].value().startswith("province")


def test_columns_left_out_are_assumed(planner: Client) -> None:
    result = post(planner, table="province\tN\n01\t5000", rule="equal", n=100, share=50, cost=70).context[
        "result"
    ]
    (stratum,) = result.table.strata
    assert (stratum.sds, stratum.means, stratum.cost) == ((50.0,), (50.0,), 70.0)


def test_long_tables_have_no_link(planner: Client) -> None:
    rows = "\n".join(f"{number:05d};{number + 100}" for number in range(800))
    response = post(planner, table=f"agency;N\n{rows}", rule="proportional", n=5000, least=0)
    assert response.context["query"] == ""
    assert len(response.context["result"].strata) == 800


def test_fixed_numbers_as_binh_duong_gives_them(planner: Client) -> None:
    table = "level;agency;N\nxã;A;9000\nphường;B;9000\nhuyện;C;9000"
    fixed = "xã=150; phường=200; *=500"
    response = post(planner, table=table, rule="fixed", fixed=fixed, least=0)
    assert response.context["result"].sizes == (150, 200, 500)


def test_design_of_a_list_can_be_drawn_from(planner: Client) -> None:
    response = post(planner, table=TABLE, rule="neyman", n=300, unit="person", reserve=15, download="json")
    design = ListDesign.from_document(json.loads(response.content))
    assert design.n_wanted == 300
    assert design.strata == ("province", "field")
    assert design.reserve_percent == 15
    assert design.allocation["rule"] == "neyman"


def test_strata_that_are_no_columns_of_a_frame_have_no_design(planner: Client) -> None:
    response = post(planner, table="planet;N\nMars;100", rule="equal", n=10, least=0, download="json")
    assert "text/html" in response["Content-Type"]
    assert not response.context["has_document"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"selection": "systematic", "order": "agency, settled_on", "serpentine": "on"},
            {"reserve_percent": 0, "order": {"by": ["agency", "settled_on"], "serpentine": True}},
        ),
        ({"selection": "pareto"}, {"measure_of_size": "size", "reserve_percent": 0}),
        ({"unit": "person", "chain": "first"}, {"reserve_percent": 20, "selection": "simple_random"}),
    ],
)
def test_method_of_a_list_is_planned(planner: Client, fields: Any, expected: Any) -> None:
    document = json.loads(post(planner, table=TABLE, download="json", **fields).content)
    assert ListDesign.from_document(document).document() == document
    assert {key: document[key] for key in expected} == expected
    assert ("coordination" in document) == ("chain" in fields)


def test_list_that_follows_another_one_is_planned(planner: Client) -> None:
    fields = {"unit": "person", "chain": "later", "previous": "ab" * 32, "again": "12.5"}
    document = json.loads(post(planner, table=TABLE, download="json", **fields).content)
    coordination = document["coordination"]
    assert (coordination["previous"], coordination["share"]) == ("ab" * 32, "1/8")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"selection": "pareto", "order": "agency"}, "order"),
        ({"selection": "systematic", "order": "person_key"}, "order"),
        ({"chain": "first"}, "chain"),
        ({"chain": "first", "unit": "person", "selection": "tille"}, "chain"),
        ({"chain": "later", "unit": "person", "previous": "ab"}, "previous"),
        ({"cv": "3; 5"}, "cv"),
        ({"cv": "3; x"}, "cv"),
        ({"cv": "0"}, "cv"),
    ],
)
def test_methods_that_do_not_go_together_are_named(planner: Client, fields: Any, wrong: str) -> None:
    assert wrong in post(planner, table=TABLE, **fields).context["form"].errors


def test_every_variable_has_its_own_precision(planner: Client) -> None:
    table = "province;N;SD;mean;SD_2;mean_2\n01;90000;40;80;49;40\n79;60000;40;80;49;40"
    loose = post(planner, table=table, rule="bethel", cv="3; 9").context["result"]
    tight = post(planner, table=table, rule="bethel", cv="3; 3").context["result"]
    same = post(planner, table=table, rule="bethel", cv="3").context["result"]
    assert sum(loose.sizes) < sum(tight.sizes)
    assert same.sizes == tight.sizes


def test_tables_of_a_list(planner: Client) -> None:
    text = post(planner, table=TABLE, rule="equal", n=300, download="csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:2] == ["province", "field"]
    assert [row[3] for row in rows[1:]] == ["100", "100", "100"]
    book = load_workbook(io.BytesIO(post(planner, table=TABLE, n=300, download="xlsx").content))
    assert len(book.sheetnames) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("table", " "),
        ("table", "province;SD\n01;4"),
        ("table", "province;N;N\n01;4;4"),
        ("table", "N;SD\n4;4"),
        ("table", "province;N\n01;0"),
        ("table", "province;N\n01;x"),
        ("table", "province;N\n01;12.5"),
        ("table", "province;N;cost\n01;10;0"),
        ("table", "province;N;cost\n01;10;1.500"),
        ("table", "province;N;SD\n01;10;nan"),
        ("table", "province;N\n01;10\n01;20"),
        ("table", "province;N"),
        ("fixed", "xã=many"),
        ("n", "0"),
    ],
)
def test_wrong_lists_are_named(planner: Client, field: str, value: str) -> None:
    response = post(planner, **({"table": TABLE} | {field: value}))
    assert response.context["result"] is None
    assert response.context["form"].errors[field]


@pytest.mark.parametrize("mark", [".", ","])
def test_only_whole_units_have_thousands(mark: str) -> None:
    line = "01;12.345;36.661;0.400;1.125;60.5".replace(".", mark)
    [stratum] = read_strata(f"province;N;SD;mean;size_effect;cost\n{line}", share=80, cost=60).strata
    assert stratum.population == 12_345
    assert (*stratum.sds, *stratum.means, stratum.size_effect, stratum.cost) == (36.661, 0.4, 1.125, 60.5)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00bad", b"x" * 600_000])
def test_wrong_files_are_named(planner: Client, content: bytes) -> None:
    response = post(planner, file=SimpleUploadedFile("strata.csv", content))
    assert response.context["form"].errors["table"]


@pytest.mark.parametrize(
    "choices",
    [
        {"rule": "equal", "n": 10, "least": 30},
        {"rule": "fixed", "fixed": "x=3"},
        {"rule": "bethel", "cv": 0.1},
        {"rule": "bethel", "cv": 3, "table": "province;N;SD;mean\n01;1000;5;0"},
    ],
)
def test_list_plans_that_cannot_be_are_refused(planner: Client, choices: Any) -> None:
    response = post(planner, **({"table": TABLE, "most": 100} | choices))
    assert response.context["is_refused"]


def test_calculator_shows_the_older_rule_beside_the_formula(planner: Client) -> None:
    response = ask(planner, SIZES, margin=5, share=50, deff=1, response=100, population=600_000, n=400)
    result = response.context["result"]
    assert (result.needed.completed, result.older.completed) == (384, 400)
    assert result.older_promise == pytest.approx(5, abs=0.01)
    assert result.margin_of_n == pytest.approx(4.9, abs=0.01)
    assert all(sentence in text_of(response) for sentence in response.context["older_note"])


@pytest.mark.parametrize("kind", ["proportion", "mean", "index"])
def test_calculator_knows_shares_means_and_indices(planner: Client, kind: str) -> None:
    assert ask(planner, SIZES, kind=kind, margin=3).context["result"].needed.completed > 100


def test_calculator_says_when_there_are_too_few_people(planner: Client) -> None:
    result = ask(planner, SIZES, margin=1, population=50, response=50, n=60).context["result"]
    assert result.needed is None
    assert result.margin_of_n is None
    assert ask(planner, SIZES, margin=0).context["result"] is None


VARIABLES = "variable;mean;cv;whole_cv\nhài lòng;0,84;6;5\ntrả thêm;0,3;15;"


def test_several_variables_are_planned_at_the_least_cost(framed: Client) -> None:
    response = ask(framed, rule="bethel", variables=VARIABLES, least=1)
    reaches = response.context["reaches"]
    assert [each["variable"] for each in reaches] == ["hài lòng", "hài lòng", "trả thêm"]
    assert all(each["reached"] <= each["asked"] * (1 + 1e-6) for each in reaches)
    assert "hài lòng" in text_of(response)
    assert "6,0%" in text_of(response)
    looser = ask(framed, rule="bethel", variables=VARIABLES.replace(";6;5", ";9;"), least=1)
    first = [result.context["result"].planned.expected.counts[0] for result in (response, looser)]
    assert first[0] > first[1]


def test_variables_have_their_own_variances_by_stratum(framed: Client) -> None:
    table = (
        "variable;stratum;mean;cv;commune;village;person\n"
        "x;*;0.5;12;0.001;0.001;0.2\n"
        "x;72;0.5;;0.02;0.001;0.2\n"
    )
    response = ask(framed, rule="bethel", variables=table, least=1, strata="predecessor")
    takes = {one.code: one.plan.takes[0] for one in response.context["result"].strata}
    assert takes["72"] > takes["80"]


@pytest.mark.parametrize(
    "table",
    [
        "variable;cv\nx;3",
        "variable;mean;cv;commune\nx;0.5;3;1",
        "variable;mean;cv\nx;;3",
        "variable;mean;cv\n;0.5;3",
        "variable;mean;cv\nx;0.5;-3",
        "variable;mean;cv\nx;0.5;3\nx;0.6;3",
        "variable;mean;cv;commune;village;person\nx;0.5;3;a;1;1",
        "variable;mean;cv\nx;inf;3",
    ],
)
def test_variables_that_cannot_be_read_are_marked(framed: Client, table: str) -> None:
    response = ask(framed, rule="bethel", variables=table)
    assert set(response.context["form"].errors) == {"variables"}


@pytest.mark.parametrize(
    "table", ["", "variable;mean\nx;0.5", "variable;mean;cv\nx;0;3", "variable;mean;cv\nx;0.5;0.01"]
)
def test_variables_without_a_plan_say_so(framed: Client, table: str) -> None:
    response = ask(framed, rule="bethel", variables=table, most=2)
    assert response.context["refusal"]
    assert response.context["result"] is None
