"""A worker for tests: does what waits, in the process and transaction of the test."""

from django_tasks_db.models import DBTaskResult

DATABASE = {"BACKEND": "django_tasks_db.DatabaseBackend"}
"""Put it into the settings in place of the backend that does the work at once."""


def work() -> None:
    for result in DBTaskResult.objects.ready():
        result.claim("test")
        try:
            result.set_successful(result.task.call(**result.args_kwargs["kwargs"]))
        except Exception as error:  # noqa: BLE001 - as the worker does
            result.set_failed(error)
