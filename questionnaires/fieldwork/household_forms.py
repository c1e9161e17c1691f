"""Forms for the adults of a household: how many there are, then one line for each, from the oldest."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sampling.models import AdultRule
from sampling.services.contacts import ListedAdult
from sampling.services.households import LONGEST_NAME, MOST_ADULTS

OLDEST = 130
LONGEST_BIRTHDAY = 5
SEXES = (("", "–"), ("male", gettext_lazy("male")), ("female", gettext_lazy("female")))
_BIRTHDAY = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})")


class CountForm(forms.Form):
    """How many adults live in the household."""

    adults = forms.IntegerField(
        min_value=0,
        max_value=MOST_ADULTS,
        error_messages={"required": gettext_lazy("Enter how many there are; 0 if there is nobody.")},
    )


class BirthdayField(forms.CharField):
    """Day and month, such as 14/3; the year is not asked."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_BIRTHDAY, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return (month, day), or nothing."""
        text = super().clean(value)
        if not text:
            return None
        match = _BIRTHDAY.fullmatch(text.strip())
        if match is None:
            raise ValidationError(_("Expected day and month, such as 14/3."))
        return int(match[2]), int(match[1])


class AdultsForm(forms.Form):
    """One line for each adult; sent once, and never changed afterwards."""

    def __init__(self, *args: Any, n_adults: int, rule: str, minimum_age: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = range(1, n_adults + 1)
        self.asks_birthdays = rule == AdultRule.LAST_BIRTHDAY
        for line in self.lines:
            self.fields |= self._line(line, minimum_age)
        self.fields["is_complete"] = forms.BooleanField(
            error_messages={"required": gettext_lazy("Check the list once more and tick the box.")}
        )

    def _line(self, line: int, minimum_age: int) -> dict[str, forms.Field]:
        """Return the fields of one adult."""
        fields: dict[str, forms.Field] = {
            f"name_{line}": forms.CharField(
                label=gettext_lazy("Name or initials"), max_length=LONGEST_NAME, required=False
            ),
            f"sex_{line}": forms.ChoiceField(
                label=gettext_lazy("Sex"),
                choices=SEXES,
                error_messages={"required": gettext_lazy("Choose one; population figures need it.")},
            ),
            f"age_{line}": forms.IntegerField(
                label=gettext_lazy("Age"),
                min_value=minimum_age,
                max_value=OLDEST,
                error_messages={"required": gettext_lazy("Enter the age in years; estimate it if need be.")},
            ),
        }
        if self.asks_birthdays:
            fields[f"birthday_{line}"] = BirthdayField(
                label=gettext_lazy("Birthday, day/month"),
                error_messages={"required": gettext_lazy("Enter day and month, such as 14/3.")},
            )
        return fields

    def clean(self) -> dict[str, Any]:
        """Refuse an order other than from the oldest: it was agreed before the seal is opened."""
        values = super().clean() or {}
        ages = [values[f"age_{line}"] for line in self.lines if values.get(f"age_{line}") is not None]
        if any(before < after for before, after in pairwise(ages)):
            raise ValidationError(_("List the adults from the oldest to the youngest."))
        return values

    @property
    def adults(self) -> list[ListedAdult]:
        """What was entered, by line."""
        values = self.cleaned_data
        return [
            ListedAdult(
                values[f"name_{line}"].strip(),
                values[f"sex_{line}"],
                values[f"age_{line}"],
                values.get(f"birthday_{line}"),
            )
            for line in self.lines
        ]

    def rows(self) -> Iterator[tuple[int, list[forms.BoundField]]]:
        """Yield the fields of each adult with its line."""
        names = ("name", "sex", "age", *(("birthday",) if self.asks_birthdays else ()))
        for line in self.lines:
            yield line, [self[f"{name}_{line}"] for name in names]
