"""The English words of what reading and linting find, by code; texts in braces stand for parameters.

The texts are marked for the catalogues here and translated where they are shown, outside this core.
"""

from collections.abc import Mapping


def _(message: str) -> str:
    """Mark a text for the catalogues; whoever shows a finding translates it."""
    return message


NOTHING = _("nothing")
"""Stands for the value of a key that is not there."""

EXPECTED: Mapping[str, str] = {
    "object": _("an object"),
    "text": _("a text"),
    "flag": _("true or false"),
    "whole_number": _("a whole number"),
    "number": _("a number"),
    "number_or_text": _("a number or a text"),
    "whole_number_or_text": _("a whole number or a text"),
    "list": _("a list"),
    "values": _("a list of values"),
    "format_version": _("version {version} of the format"),
    "code": _("a code such as {example}"),
    "language": _("language codes such as {example}"),
    "no_key": _("no such key"),
    "kind": _("one of {choices}"),
    "scale_or_options": _("either a scale or options"),
    "scale": _("a scale of this questionnaire ({choices})"),
    "kind_with_options": _("a kind with options"),
    "own_code": _("a code of its own"),
    "condition": _("at least one condition"),
    "comparison": _("one of {subjects} and one of {choices}"),
    "reference": _("a question or an attribute"),
    "day": _("a date such as 2026-01-31"),
    "media": _("the name of a stored file"),
}
"""What was expected of a document."""

HINTS: Mapping[str, str] = {
    "braces": _("Write it in braces."),
    "correct_or_leave_out": _("Correct “{key}” or leave it out."),
    "add": _("Add “{key}”."),
    "form_of_code": _("Begin with a letter; use letters, digits and single - . _ between them."),
    "lower_case": _("Use the code in lower case."),
    "quotes": _("Write the words in quotes."),
    "no_quotes": _("Write “{key}” without quotes or leave it out."),
    "did_you_mean": _("Did you mean “{near}”?"),
    "remove": _("Remove it."),
    "other_version": _("This program reads no other version of the format."),
    "choose_kind": _("Choose a kind of question from the list."),
    "remove_one": _("Remove one of the two."),
    "add_scale": _("Add it to “scales”."),
    "scale_or_kind": _("Remove scale and options, or change the kind."),
    "short_code": _("Give each option a short code."),
    "special_value": _("Use allows_not_applicable or allows_no_answer."),
    "add_condition": _("Add a condition or remove visible_when."),
    "example": _("Write for example {example}."),
    "brackets": _("Write the values in brackets."),
    "correct": _("Correct the value."),
    "media": _("Write its name without an address and without “..”, for instance audio/q1.mp3."),
}
"""What to do about it."""

FINDINGS: Mapping[str, str] = {
    "unreadable": _("Expected {expected}, got {got}. {hint}"),
    "missing_language": _("There is no text in “{language}”."),
    "picture_without_words": _(
        "No text says what the picture of question {question} shows. Write it for those who do not see it."
    ),
    "words_without_picture": _("There are words for a picture, but no picture. Choose it or remove them."),
    "picture_not_in_language": _(
        "The picture is there in “{others}” only. Choose one for “{language}”; all languages fall back to it."
    ),
    "picture_not_stored": _(
        "The picture “{name}” is not stored on this site. Choose its file in the editor, or remove it."
    ),
    "picture_heavy": _(
        "The picture in “{language}” weighs {kilobytes} KB; a weak connection takes {limit} KB. Choose a "
        "smaller one."
    ),
    "default_language_missing": _("Vietnamese (“{language}”) must be one of the languages."),
    "promises_anonymity": _("The text says “{word}”; answers are confidential, not anonymous. Reword it."),
    "no_sections": _("The questionnaire has no section."),
    "empty_section": _("Section {section} has no question."),
    "duplicate_section": _("The code {code} names more than one section."),
    "duplicate_question": _("The code {code} names more than one question."),
    "duplicate_scale": _("The code {code} names more than one scale."),
    "duplicate_attribute": _("The code {code} names more than one attribute."),
    "duplicate_option": _("The value {value} occurs more than once among the options."),
    "variable_collision": _("Questions {codes} would share the column {variable} in data files. Rename one."),
    "unused_scale": _("No question uses the scale {code}."),
    "too_few_options": _(
        "Question {question} offers {n_options} options; a choice needs at least {minimum}."
    ),
    "likert_not_five": _("The rating scale of question {question} has {n_options} points, not {expected}."),
    "required_rating": _("Question {question} cannot be skipped. Ratings should be answered freely."),
    "sensitive_without_way_out": _("Question {question} is sensitive: offer “prefer not to say”."),
    "empty_range": _("Question {question} accepts no number: {minimum} is above {maximum}."),
    "long_battery": _("Section {section} has {n_cards} rating cards; a phone takes {maximum}. Split it."),
    "dangling_question": _("The condition refers to question {code}, which does not exist."),
    "dangling_attribute": _("The sample attribute {code} is not declared in this questionnaire."),
    "later_question": _("The condition refers to question {code}, which is not asked before it."),
    "same_section_condition": _(
        "Question {code} is on the same page: the page cannot react before it is sent."
    ),
    "impossible_value": _("The condition compares {code} with {value}, which is none of its options."),
    "not_a_number_question": _("The condition orders the answers to {code}, which are not numbers."),
    "not_a_date_question": _(
        "The condition compares the answers to {code} with a day, and they are no dates."
    ),
    "not_a_list_question": _("The condition counts the answers to {code}, which takes only one."),
    "not_a_text_question": _("The condition looks for words in the answers to {code}, which are not texts."),
    "duplicate_rule": _("The code {code} names more than one rule."),
    "rule_elsewhere": _(
        "Rule {rule} looks at no question of its section. Move it to the last of its questions."
    ),
    "impossible_rule": _("No answers satisfy rule {rule}."),
    "stray_braces": _("The text has doubled braces without a code. Write {{{{Q1}}}} to put in an answer."),
    "dangling_place": _("The text puts in the answer to {code}, which does not exist."),
    "place_without_answer": _("The text puts in the answer to {code}, a note, which has no answer."),
    "later_place": _("The text puts in the answer to {code}, which is not asked on an earlier page."),
    "sensitive_place": _("The text repeats the answer to {code}, which is sensitive; others may look on."),
    "place_not_in_language": _("The answer to {code} stands in other languages, not in “{language}”."),
    "impossible_ranks": _("Question {question} asks for {n_ranks} places among {n_options} options."),
    "long_ranking": _("Question {question} asks for {n_ranks} places; people can order about {maximum}."),
    "note_has_no_answer": _("The condition refers to {code}, a note, which has no answer."),
    "unreachable_section": _("No answers lead to section {section}."),
    "unreachable_question": _("No answers lead to question {question}."),
    "consent_missing": _("There is no consent text."),
    "consent_not_required": _("No statement of the consent has to be agreed to."),
    "recordings_missing": _(
        "{n} of {total} texts cannot be heard in “{language}” yet, among them {keys}. "
        "Record them in the studio."
    ),
    "recording_outdated": _(
        "The text was changed after it was recorded in “{language}”; the recording is left out. "
        "Record it again."
    ),
    "provisional_without_reason": _("The questionnaire is provisional and does not say why."),
}
"""What an author should repair."""

MAPPING_FINDINGS: Mapping[str, str] = {
    "unknown_key": _("The key {key} means nothing here. Use “questions”, “from” and “values”."),
    "not_an_object": _("Expected an object in braces."),
    "unknown_question": _("The new version has no question {code}."),
    "unknown_source": _("The version before has no question {code}."),
    "unknown_value": _("Question {code} has no option {value}."),
}
"""What an author should repair in a mapping between versions."""
