import pytest
from django.core.exceptions import ValidationError

from questionnaires.models import Assignment
from questionnaires.services import assign_village
from tests.questionnaires.rounds import make_round, make_user, make_village

pytestmark = pytest.mark.django_db


def test_village_passes_to_another_enumerator() -> None:
    village = make_village(make_round())
    assign_village(village=village, enumerator=make_user("a"))
    assign_village(village=village, enumerator=make_user("b"))
    assert Assignment.objects.get().enumerator.username == "b"


def test_commune_is_not_assigned() -> None:
    village = make_village(make_round())
    with pytest.raises(ValidationError):
        assign_village(village=village.parent, enumerator=make_user("a"))
