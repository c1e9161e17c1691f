"""Pictures kept for drafts: stored by the hash of their content, swept when nobody names them any more."""

from django.contrib.auth.models import AbstractBaseUser

from questionnaires.media import keep_picture
from questionnaires.models import Questionnaire
from questionnaires.pictures import drawn_anew
from questionnaires.references import PictureReference
from sampling.services.audit import record_table


def save_picture(*, content: bytes, user: AbstractBaseUser | None = None) -> tuple[PictureReference, int]:
    """Store what is left of a file when it is drawn anew; return its name and how many bytes it has.

    Raises
    ------
    UnfitPictureError
        If the file is no picture that can be taken.
    """
    drawn = drawn_anew(content)
    reference = keep_picture(drawn.content, drawn.extension, (drawn.width, drawn.height))
    details = {"file": str(reference), "bytes": len(drawn.content)}
    record_table(Questionnaire, "questionnaires.save_picture", user=user, details=details)
    return reference, len(drawn.content)
