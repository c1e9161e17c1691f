"""Blocks in which the draft of a questionnaire is written; they mirror the schema document field by field."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Media
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.telepath import register
from wagtail.blocks.struct_block import StructBlockAdapter

from questionnaires.languages import FURTHER_LANGUAGES
from questionnaires.picture_input import PictureInput

KINDS = [
    ("likert", _("rating scale")),
    ("single", _("one choice")),
    ("multiple", _("several choices")),
    ("yes_no", _("yes or no")),
    ("ranking", _("order of preference")),
    ("number", _("number")),
    ("date", _("date")),
    ("text", _("text")),
    ("note", _("note without an answer")),
]
CODE_HELP = _(
    "Begins with a letter; stays the same however the wording changes, so that figures stay comparable."
)

NO_OBJECT = _("Expected a JSON object in braces, got something else.")


class ConditionBlock(blocks.TextBlock):
    """A condition on earlier answers, written as the schema's own JSON object."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {
            "required": False,
            "rows": 2,
            "label": _("asked only when"),
            "help_text": _('For example {"question": "Q8.4", "equals": 1}. Leave empty to ask always.'),
        }
        super().__init__(**(defaults | kwargs))

    def clean(self, value: str | None) -> str | None:
        """Refuse what is no JSON object, naming the place."""
        text: str | None = super().clean(value)
        if not text:
            return text
        try:
            condition = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValidationError(
                _("Expected a JSON object, got a mistake at character %(position)d: %(reason)s."),
                params={"position": error.pos + 1, "reason": error.msg},
            ) from error
        except (RecursionError, ValueError) as error:
            raise ValidationError(NO_OBJECT) from error
        if not isinstance(condition, dict):
            raise ValidationError(NO_OBJECT)
        return text


class MediaBlock(blocks.CharBlock):
    """The name of a stored recording."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {"required": False, "max_length": 200, "help_text": _("Name of the stored file.")}
        super().__init__(**(defaults | kwargs))


class PictureBlock(blocks.CharBlock):
    """A picture that is stored as soon as its file is chosen; the draft holds the name that it then has."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"required": False, "max_length": 200, "search_index": False} | kwargs))
        self.field.widget = PictureInput()


class WordedBlock(blocks.StructBlock):
    """A block that a comparison of revisions shows in words: what is filled in, with its labels."""

    def render_basic(self, value: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> SafeString:
        """Return a line of labels and values."""
        said = (
            (block.label, _in_words(block, value.get(name), context))
            for name, block in self.child_blocks.items()
        )
        return format_html_join(" · ", "{}: {}", [(label, words) for label, words in said if words])


def _in_words(block: blocks.Block, value: Any, context: Mapping[str, Any] | None) -> str:
    """Return what a field holds, empty where it holds nothing."""
    if value is None or value is False:
        return ""
    if value is True:
        return "✓"
    if isinstance(block, blocks.ChoiceBlock):
        return str(dict(block.field.choices).get(value, value))
    is_list = isinstance(block, blocks.ListBlock)
    return "" if is_list and not len(value) else str(block.render_basic(value, context))


class FurtherPictureBlock(WordedBlock):
    """The picture for readers of a further language."""

    language = blocks.ChoiceBlock(
        label=_("language"),
        choices=[(code, f"{each.vietnamese} ({code})") for code, each in FURTHER_LANGUAGES.items()],
    )
    file = PictureBlock(label=_("picture"))

    class Meta:
        icon = "globe"
        label = _("picture in a further language")


class IllustrationBlock(WordedBlock):
    """A picture per language, and what it shows in words; a language without one falls back to Vietnamese."""

    vi = PictureBlock(label=_("picture in Vietnamese"))
    alt_vi = blocks.CharBlock(
        label=_("what the picture shows, in Vietnamese"), max_length=255, required=False
    )
    en = PictureBlock(
        label=_("picture in English"), help_text=_("Only where the Vietnamese one has words in it.")
    )
    alt_en = blocks.CharBlock(label=_("what the picture shows, in English"), max_length=255, required=False)
    further = blocks.ListBlock(
        FurtherPictureBlock(),
        label=_("pictures in further languages"),
        default=[],
        required=False,
        collapsed=True,
    )

    class Meta:
        icon = "image"
        label = _("picture")
        collapsed = True


class OptionBlock(WordedBlock):
    """One answer to choose."""

    value = blocks.CharBlock(label=_("value"), max_length=40)
    label_vi = blocks.CharBlock(label=_("label in Vietnamese"), max_length=500)
    label_en = blocks.CharBlock(label=_("label in English"), max_length=500, required=False)
    is_exclusive = blocks.BooleanBlock(label=_("excludes all other options"), required=False)
    audio_vi = MediaBlock(label=_("recording in Vietnamese"))
    audio_en = MediaBlock(label=_("recording in English"))
    picture = IllustrationBlock()

    class Meta:
        icon = "radio-full"
        label = _("option")


class QuestionBlock(WordedBlock):
    """One question, one statement of a battery, or a note."""

    code = blocks.CharBlock(label=_("code"), max_length=40, help_text=CODE_HELP)
    kind = blocks.ChoiceBlock(label=_("kind"), choices=KINDS, default="likert")
    text_vi = blocks.TextBlock(label=_("question in Vietnamese"), rows=2)
    text_en = blocks.TextBlock(label=_("question in English"), rows=2, required=False)
    help_vi = blocks.TextBlock(label=_("explanation in Vietnamese"), rows=1, required=False)
    help_en = blocks.TextBlock(label=_("explanation in English"), rows=1, required=False)
    scale = blocks.CharBlock(
        label=_("scale"), max_length=40, required=False, help_text=_("Code of a scale of this questionnaire.")
    )
    options = blocks.ListBlock(OptionBlock(), label=_("options"), default=[], required=False, collapsed=True)
    allows_not_applicable = blocks.BooleanBlock(label=_("offers “does not apply to me”"), required=False)
    allows_no_answer = blocks.BooleanBlock(label=_("offers “prefer not to say”"), required=False)
    is_required = blocks.BooleanBlock(label=_("cannot be skipped"), required=False)
    is_sensitive = blocks.BooleanBlock(label=_("sensitive"), required=False)
    visible_when = ConditionBlock()
    shows = blocks.CharBlock(
        label=_("shows from the sample"),
        required=False,
        help_text=_("Only for a note: codes of sample attributes, separated by commas."),
    )
    minimum = blocks.FloatBlock(label=_("smallest number"), required=False)
    maximum = blocks.FloatBlock(label=_("largest number"), required=False)
    accepts_decimals = blocks.BooleanBlock(label=_("accepts decimals"), required=False)
    unit_vi = blocks.CharBlock(label=_("unit in Vietnamese"), max_length=40, required=False)
    unit_en = blocks.CharBlock(label=_("unit in English"), max_length=40, required=False)
    max_length = blocks.IntegerBlock(label=_("longest text, in characters"), required=False, min_value=1)
    is_multiline = blocks.BooleanBlock(label=_("text of several lines"), required=False)
    n_ranks = blocks.IntegerBlock(
        label=_("places to give in an order of preference"),
        required=False,
        min_value=0,
        help_text=_("Leave empty to let people order all options."),
    )
    earliest = blocks.CharBlock(
        label=_("earliest day"), required=False, max_length=10, help_text=_("Written as in 2026-01-31.")
    )
    latest = blocks.CharBlock(
        label=_("latest day"),
        required=False,
        max_length=10,
        help_text=_("Written as in 2026-01-31, or “today” for the day of answering."),
    )
    audio_vi = MediaBlock(label=_("recording in Vietnamese"))
    audio_en = MediaBlock(label=_("recording in English"))
    picture = IllustrationBlock()

    class Meta:
        icon = "help"
        label = _("question")
        label_format = "{code} {text_vi}"


class RuleBlock(WordedBlock):
    """Something that must hold between answers."""

    code = blocks.CharBlock(label=_("code"), max_length=40, help_text=CODE_HELP)
    must = ConditionBlock(
        required=True,
        label=_("must hold"),
        help_text=_('For example {"question": "WORKERS", "less_or_equal": {"question": "ADULTS"}}.'),
    )
    message_vi = blocks.CharBlock(label=_("message in Vietnamese"), max_length=500)
    message_en = blocks.CharBlock(label=_("message in English"), max_length=500, required=False)
    severity = blocks.ChoiceBlock(
        label=_("where it does not hold"),
        choices=[("soft", _("remind once, then let through")), ("hard", _("do not go on"))],
        default="soft",
    )

    class Meta:
        icon = "warning"
        label = _("rule")
        label_format = "{code} {message_vi}"


class SectionBlock(blocks.StructBlock):
    """One page on a phone."""

    code = blocks.CharBlock(label=_("code"), max_length=40, help_text=CODE_HELP)
    title_vi = blocks.CharBlock(label=_("title in Vietnamese"), max_length=255)
    title_en = blocks.CharBlock(label=_("title in English"), max_length=255, required=False)
    heading_vi = blocks.CharBlock(label=_("heading in Vietnamese"), max_length=500, required=False)
    heading_en = blocks.CharBlock(label=_("heading in English"), max_length=500, required=False)
    intro_vi = blocks.TextBlock(label=_("introduction in Vietnamese"), rows=2, required=False)
    intro_en = blocks.TextBlock(label=_("introduction in English"), rows=2, required=False)
    visible_when = ConditionBlock()
    questions = blocks.ListBlock(QuestionBlock(), label=_("questions"), collapsed=True)
    rules = blocks.ListBlock(RuleBlock(), label=_("rules"), default=[], required=False, collapsed=True)

    class Meta:
        icon = "form"
        label = _("section")
        label_format = "{code} {title_vi}"


class SectionBlockAdapter(StructBlockAdapter):
    """Opens the question that a new section comes with; questions written earlier stay closed."""

    js_constructor = "questionnaires.blocks.SectionBlock"

    @cached_property
    def media(self) -> Media:
        """Add our few lines to Wagtail's own."""
        media: Media = super().media + Media(js=[versioned_static("js/draft_editor.js")])
        return media


register(SectionBlockAdapter(), SectionBlock)


class ScaleBlock(blocks.StructBlock):
    """Options shared by many questions."""

    code = blocks.CharBlock(label=_("code"), max_length=40, help_text=CODE_HELP)
    options = blocks.ListBlock(OptionBlock(), label=_("options"))

    class Meta:
        icon = "list-ol"
        label = _("scale")


class AttributeBlock(blocks.StructBlock):
    """Something the sample knows about a respondent before the interview."""

    code = blocks.CharBlock(label=_("code"), max_length=40)
    label_vi = blocks.CharBlock(label=_("label in Vietnamese"), max_length=255)
    label_en = blocks.CharBlock(label=_("label in English"), max_length=255, required=False)

    class Meta:
        icon = "tag"
        label = _("sample attribute")


class ConsentPointBlock(blocks.StructBlock):
    """One thing a citizen is told before answering."""

    heading_vi = blocks.CharBlock(label=_("heading in Vietnamese"), max_length=255)
    heading_en = blocks.CharBlock(label=_("heading in English"), max_length=255, required=False)
    text_vi = blocks.TextBlock(label=_("text in Vietnamese"), rows=2)
    text_en = blocks.TextBlock(label=_("text in English"), rows=2, required=False)

    class Meta:
        icon = "info-circle"
        label = _("what is told")


class ConsentStatementBlock(blocks.StructBlock):
    """One box to tick, never ticked beforehand."""

    code = blocks.CharBlock(label=_("code"), max_length=40, help_text=CODE_HELP)
    text_vi = blocks.TextBlock(label=_("text in Vietnamese"), rows=2)
    text_en = blocks.TextBlock(label=_("text in English"), rows=2, required=False)
    help_vi = blocks.CharBlock(label=_("explanation in Vietnamese"), max_length=255, required=False)
    help_en = blocks.CharBlock(label=_("explanation in English"), max_length=255, required=False)
    is_required = blocks.BooleanBlock(label=_("needed to take part"), required=False)

    class Meta:
        icon = "check"
        label = _("what is agreed to")


class RemarkBlock(blocks.StructBlock):
    """A note for methodologists; never shown to respondents."""

    text_vi = blocks.TextBlock(label=_("text in Vietnamese"), rows=2)
    text_en = blocks.TextBlock(label=_("text in English"), rows=2, required=False)

    class Meta:
        icon = "comment"
        label = _("remark")
