"""Two people who press at once: of a draw's step only one of them is heard."""

import threading

import pytest
from django.db import close_old_connections, connection

from sampling.models import Draw
from sampling.services import DrawStateError, carry_out_draw
from tests.sampling.draws import committed, framed_round, later


@pytest.mark.usefixtures("rows_of_migrations")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.connections
def test_of_two_people_who_press_at_once_one_succeeds():
    draw = committed(framed_round())
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def press(value: str) -> None:
        barrier.wait()
        try:
            carry_out_draw(draw=Draw.objects.get(pk=draw.pk), public_value=value)
            outcomes.append("drawn")
        except DrawStateError:
            outcomes.append("refused")
        finally:
            close_old_connections()
            connection.close()

    with later():
        people = [threading.Thread(target=press, args=(value,)) for value in ("1", "2")]
        for person in people:
            person.start()
        for person in people:
            person.join()
    assert sorted(outcomes) == ["drawn", "refused"]
