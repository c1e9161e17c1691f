"""What an error says, as texts with named places, so that whoever shows it may translate them.

The texts are English and marked for the catalogues. Nothing here knows a language: `Said.told` takes the
function that translates, and without one an error reads in English.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def marked(message: str) -> str:
    """Mark a text for the catalogues; import it as ``_``.

    Examples
    --------
    >>> marked("a value")
    'a value'
    """
    return message


_ = marked


@dataclass(frozen=True, slots=True)
class Said:
    """A text with named places, and what stands in them: values, other texts, or lists of both.

    Examples
    --------
    >>> str(Said("%(n)s of %(what)s", {"n": 2, "what": [Said("communes"), "x"]}))
    '2 of communes, x'
    """

    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the text in English."""
        return self.told(marked)

    def told(self, translate: Callable[[str], str]) -> str:
        """Return the text in another language.

        Parameters
        ----------
        translate : callable
            Gives a marked text in that language, and any other text as it is.

        Returns
        -------
        str
            The translated text, with its values.
        """
        text = translate(self.message)
        return (
            text % {name: _told(value, translate) for name, value in self.values.items()}
            if self.values
            else text
        )


def said(message: str, /, **values: object) -> Said:
    """Return a marked text with its values.

    Examples
    --------
    >>> str(said("the key %(key)s", key="unit"))
    'the key unit'
    """
    return Said(message, values)


class RefusalError(ValueError):
    """An error whose text may be told in another language.

    Parameters
    ----------
    message : str
        A marked text; without values any text, as it is.
    **values : object
        What stands in its named places.

    Examples
    --------
    >>> str(RefusalError("Expected %(n)s units.", n=3))
    'Expected 3 units.'
    """

    def __init__(self, message: str, /, **values: object) -> None:
        self.said = Said(message, values)
        super().__init__(str(self.said))


def _told(value: object, translate: Callable[[str], str]) -> object:
    """Return a value as it stands in a text."""
    if isinstance(value, Said):
        return value.told(translate)
    if isinstance(value, list | tuple):
        return ", ".join(str(_told(each, translate)) for each in value)
    return value
