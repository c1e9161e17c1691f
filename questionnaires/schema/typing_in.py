"""Typed answers from text: what a web form, a spreadsheet cell or a clerk's key stroke stands for."""

from questionnaires.schema.days import day_from_text
from questionnaires.schema.model import Answer, Kind, Question
from questionnaires.schema.texts import normalize


def from_text(question: Question, text: str) -> Answer | None:
    """Return a typed answer for what stands in a web form, a spreadsheet cell or a clerk's key stroke.

    Parameters
    ----------
    question : Question
        The question answered.
    text : str
        One value as text. A number may use a decimal comma; a date is day, month, year, or in ISO form.

    Returns
    -------
    int, float, str or None
        None for an empty text; the text itself where it means nothing, so that validation can name it.

    Examples
    --------
    >>> from questionnaires.schema import Kind, LocalizedText, Question
    >>> from_text(Question("AGE", Kind.NUMBER, LocalizedText()), " 41 ")
    41
    """
    stripped = normalize(text)
    if not stripped or stripped in question.special_values:
        return stripped or None
    if question.kind is Kind.NUMBER:
        return _number_from_text(stripped)
    if question.kind is Kind.DATE:
        return day_from_text(stripped) or stripped
    by_text = {str(option.value): option.value for option in question.options}
    return by_text.get(stripped, text if question.kind is Kind.TEXT else stripped)


def _number_from_text(text: str) -> int | float | str:
    """Return a whole number, a decimal number, or the text when it is neither."""
    for convert in (int, float):
        try:
            return convert(text.replace(",", "."))
        except ValueError:
            continue
    return text
