"""Rules on models that import-linter cannot see."""

from django.apps import apps
from django.db import models

ORDER = ("sampling", "questionnaires", "analysis", "pages")


def upward_references(all_models: list[type[models.Model]]) -> list[str]:
    """Foreign keys that point from a lower package to a higher one."""
    found = []
    for model in all_models:
        label = model._meta.app_label
        for field in model._meta.get_fields():
            if not (field.is_relation and not field.auto_created and field.related_model):
                continue
            target = field.related_model._meta.app_label
            if label in ORDER and target in ORDER and ORDER.index(target) > ORDER.index(label):
                found.append(f"{label}.{model.__name__}.{field.name} → {target}")
    return found


def test_foreign_keys_point_downwards() -> None:
    assert upward_references(list(apps.get_models())) == []


def test_rule_on_foreign_keys_fails_on_a_planted_violation() -> None:
    class Planted(models.Model):
        response = models.ForeignKey("questionnaires.Response", on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "sampling"

        def __str__(self) -> str:
            return "planted"

    try:
        assert upward_references([Planted]) == ["sampling.Planted.response → questionnaires"]
    finally:
        del apps.all_models["sampling"]["planted"]
        apps.clear_cache()


def test_models_leave_save_alone() -> None:
    own = [
        model
        for model in apps.get_models()
        if model._meta.app_label in {"sampling", "questionnaires", "analysis"}
    ]
    assert own
    assert [model.__name__ for model in own if "save" in vars(model)] == []
