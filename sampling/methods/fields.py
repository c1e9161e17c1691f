"""Fields of the documents of methods, read with an error that names where each stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sampling.design.refusals import Said, said
from sampling.design.refusals import marked as _


class TemplateError(ValueError):
    """A template that contradicts its own schema or its own sums.

    Parameters
    ----------
    code
        Stable name of the problem.
    message
        English text with ``{name}`` fields: what was expected, what came, what to do.
    params
        Values of the fields.
    """

    def __init__(self, code: str, message: str, /, **params: object) -> None:
        self.code = code
        self.message = message
        self.params = params
        super().__init__(message.format(**params))


@dataclass(frozen=True, slots=True)
class Text:
    """One text in Vietnamese and in English."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one JSON object and where in the document it stands."""

    document: Mapping[str, object]
    path: str

    def problem(self, name: str, expected: str | Said) -> TemplateError:
        """Return the error of a field: what was expected, and what came."""
        got = repr(self.document[name]) if name in self.document else "nothing"
        return TemplateError(
            "bad_field",
            "{path}: expected {expected}, got {got}. Correct the document.",
            path=f"{self.path}.{name}",
            expected=expected,
            got=got,
        )

    def require_only(self, names: Iterable[str]) -> None:
        """Refuse fields that the format does not have."""
        unknown = sorted(set(self.document) - set(names))
        if unknown:
            raise TemplateError(
                "unknown_field",
                "{path}: unknown field {names}. Correct its name, or move it into notes.",
                path=self.path,
                names=", ".join(unknown),
            )

    def text(self, name: str) -> str:
        """Return a text that is not empty."""
        value = self.document.get(name)
        if not isinstance(value, str) or not value:
            raise self.problem(name, "a text")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a text, or None where there is none."""
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

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Return one of some texts."""
        value = self.document.get(name)
        if not isinstance(value, str) or value not in choices:
            raise self.problem(name, said(_("one of %(known)s"), known=choices))
        return value

    def date(self, name: str) -> date:
        """Return a day."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            raise self.problem(name, "a date such as 2025-07-01") from None

    def nested(self, name: str) -> "Fields":
        """Return the fields of an object."""
        value = self.document.get(name)
        if not isinstance(value, Mapping):
            raise self.problem(name, "an object")
        return Fields(value, f"{self.path}.{name}")

    def objects(self, name: str) -> "tuple[Fields, ...]":
        """Return the fields of every object of a list."""
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

    def choices(self, name: str, choices: tuple[str, ...]) -> tuple[str, ...]:
        """Return a list of some texts."""
        values = self.texts(name)
        if not set(values) <= set(choices):
            raise self.problem(name, said(_("a list of %(known)s"), known=choices))
        return values

    def both(self, name: str) -> Text:
        """Return a text in both languages."""
        texts = self.nested(name)
        texts.require_only(("vi", "en"))
        return Text(vi=texts.text("vi"), en=texts.text("en"))
