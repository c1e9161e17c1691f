"""Fields and groups of fields that the pages of the planner share."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PERCENT = 100
CONFIDENCES = (("90", "90 %"), ("95", "95 %"), ("99", "99 %"))
MOST_UNITS = 100_000


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; wide ones take a line of their own, double ones two columns."""

    legend: str | Promise
    fields: tuple[BoundField, ...]
    note: str | Promise = ""
    is_open: bool = True
    wide: tuple[str, ...] = ("basis", "components", "table", "variables")
    double: tuple[str, ...] = ("rule", "fixed", "kind", "file")


class NumberField(forms.FloatField):
    """A number as browsers send it, with a decimal point in every language."""

    def __init__(self, label: Any, low: float, high: float, **options: Any) -> None:
        super().__init__(label=label, min_value=low, max_value=high, **options)
        self.widget.attrs |= {"step": "any", "inputmode": "decimal"}


class NumbersField(forms.CharField):
    """One number for all variables, or one for each with a semicolon between them."""

    def __init__(self, label: Any, low: float, high: float, **options: Any) -> None:
        super().__init__(label=label, max_length=200, **options)
        self.low, self.high = low, high

    def to_python(self, value: Any) -> Any:
        """Return the numbers; a comma is a decimal comma."""
        text = str(super().to_python(value)).replace(",", ".")
        try:
            numbers = tuple(float(part) for part in text.split(";") if part.strip())
        except ValueError as error:
            raise forms.ValidationError(
                _("Enter a number, or one for each variable with semicolons between them.")
            ) from error
        if not all(self.low <= number <= self.high for number in numbers):
            raise forms.ValidationError(
                _("Enter numbers from %(low)s to %(high)s."), params={"low": self.low, "high": self.high}
            )
        return numbers


class WholeField(forms.IntegerField):
    """A whole number."""

    def __init__(self, label: Any, low: int, high: int, **options: Any) -> None:
        super().__init__(label=label, min_value=low, max_value=high, **options)
        self.widget.attrs |= {"inputmode": "numeric"}


class PlannerForm(forms.Form):
    """A form that is filled in from the start: with what was sent, and what is assumed for the rest."""

    def query(self) -> str:
        """Return the whole plan as it stands in an address, what was assumed included."""
        sent = {name: self[name].value() for name, field in self.fields.items() if not is_file(field)}
        return urlencode({name: value for name, value in sent.items() if value not in {None, "", False}})

    def group(
        self, legend: Promise, names: list[str], *, note: str | Promise = "", is_open: bool = True
    ) -> Group:
        """Return some fields as a group, open if one of them was refused."""
        fields = tuple(self[name] for name in names)
        return Group(legend, fields, note, is_open or any(field.errors for field in fields))


def is_file(field: forms.Field) -> bool:
    """Tell whether a field takes a file, which no address can hold."""
    return isinstance(field, forms.FileField)
