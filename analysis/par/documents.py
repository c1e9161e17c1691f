"""Typed reading of a parsed JSON document, with the path of every field for the messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from analysis.par.errors import CriteriaSetError


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One text in Vietnamese and in English."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one JSON object and where in the document it stands."""

    document: Mapping[str, object]
    path: str

    def problem(self, name: str, expected: str) -> CriteriaSetError:
        """Return the error for a field that is missing or of the wrong kind."""
        got = repr(self.document[name]) if name in self.document else "nothing"
        return CriteriaSetError(
            "bad_field", expected=f"{expected} at {self.path}.{name}", got=got, hint="Correct the document."
        )

    def require_only(self, names: Iterable[str]) -> None:
        """Refuse fields the schema does not know: a misspelt optional field must not be read as absent."""
        unknown = sorted(set(self.document) - set(names))
        if unknown:
            raise CriteriaSetError(
                "unknown_field",
                expected=f"only fields of the schema at {self.path}",
                got=", ".join(unknown),
                hint="Correct the name, or move the field into notes.",
            )

    def text(self, name: str) -> str:
        """Return a text that is not empty."""
        value = self.document.get(name)
        if not isinstance(value, str) or not value:
            raise self.problem(name, "a text")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a text, or None where the document says null."""
        return None if self.document.get(name) is None else self.text(name)

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self.document.get(name)
        if not isinstance(value, bool):
            raise self.problem(name, "true or false")
        return value

    def whole(self, name: str) -> int:
        """Return a whole number."""
        value = self.document.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.problem(name, "a whole number")
        return value

    def decimal(self, name: str) -> Decimal:
        """Return an exact decimal that is not negative; binary floats are refused."""
        value = self.document.get(name)
        expected = 'a decimal of at least 0, written as a text such as "14.5"'
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise self.problem(name, expected)
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise self.problem(name, expected) from None
        if not number.is_finite() or number < 0:
            raise self.problem(name, expected)
        return number

    def optional_decimal(self, name: str) -> Decimal | None:
        """Return an exact decimal, or None where the document says null."""
        return None if self.document.get(name) is None else self.decimal(name)

    def choice(self, name: str, choices: Iterable[str]) -> str:
        """Return a text that is one of the choices."""
        allowed = tuple(choices)
        value = self.document.get(name)
        if not isinstance(value, str) or value not in allowed:
            raise self.problem(name, "one of " + ", ".join(allowed))
        return value

    def nested(self, name: str) -> "Fields":
        """Return a nested object."""
        value = self.document.get(name)
        if not isinstance(value, Mapping):
            raise self.problem(name, "an object")
        return Fields(value, f"{self.path}.{name}")

    def objects(self, name: str) -> "tuple[Fields, ...]":
        """Return a list of nested objects."""
        value = self.document.get(name)
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self.problem(name, "a list of objects")
        return tuple(Fields(item, f"{self.path}.{name}[{number}]") for number, item in enumerate(value))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.document.get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.problem(name, "a list of texts")
        return tuple(value)

    def wholes(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        value = self.document.get(name)
        if not isinstance(value, list) or not all(type(item) is int for item in value):
            raise self.problem(name, "a list of whole numbers")
        return tuple(value)

    def bilingual(self, name: str) -> Bilingual:
        """Return a text in both languages."""
        both = self.nested(name)
        both.require_only(("vi", "en"))
        return Bilingual(vi=both.text("vi"), en=both.text("en"))
