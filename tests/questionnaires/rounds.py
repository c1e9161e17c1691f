"""Small makers of rounds, samples, cases and questionnaires."""

import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, Permission
from django.utils import timezone

from questionnaires import forms
from questionnaires.models import QuestionnaireVersion, Response, SeparatedResponse
from questionnaires.receipt_keys import case_link
from questionnaires.services import assign_version_to_round, freeze_version, import_form
from sampling.models import (
    AdministrativeUnit,
    Case,
    FrameUnit,
    Sample,
    SampledUnit,
    SamplingFrame,
    SamplingTemplate,
    SurveyRound,
)
from sampling.models.rounds import RoundStatus

DAY = datetime.timedelta(days=1)
RATING = {"vi": "Ông/Bà hài lòng ở mức nào?", "en": "How satisfied are you?"}


def text(words: str) -> dict[str, str]:
    return {"vi": words, "en": words}


def options(*labels: str) -> list[dict[str, Any]]:
    return [{"value": position, "label": text(label)} for position, label in enumerate(labels, 1)]


def small_document(**changes: Any) -> dict[str, Any]:
    """Three sections: a choice, two ratings of which one depends on it, and free words with a number."""
    likert = {"kind": "likert", "scale": "satisfaction", "allows_not_applicable": True}
    sections = [
        {
            "code": "A",
            "title": text("Thông tin chung"),
            "questions": [
                {"code": "SEX", "kind": "single", "text": text("Giới tính"), "options": options("Nam", "Nữ")},
                {"code": "USED", "kind": "yes_no", "text": text("Đã dùng dịch vụ")},
            ],
        },
        {
            "code": "B",
            "title": text("Đánh giá"),
            "heading": text("Ông/Bà hài lòng ở mức nào?"),
            "questions": [{"code": f"B{n}", "text": text(f"Tiêu chí {n}"), **likert} for n in (1, 2, 3)],
        },
        {
            "code": "C",
            "title": text("Người đã dùng"),
            "visible_when": {"question": "USED", "equals": 1},
            "questions": [{"code": "C1", "text": text("Tiêu chí riêng"), **likert}],
        },
        {
            "code": "D",
            "title": text("Ý kiến khác"),
            "questions": [
                {"code": "AGE", "kind": "number", "text": text("Tuổi"), "minimum": 18, "maximum": 120},
                {
                    "code": "CHANNELS",
                    "kind": "multiple",
                    "text": text("Kênh thông tin"),
                    "options": options("Báo", "Đài", "Mạng"),
                },
                {"code": "WORDS", "kind": "text", "text": text("Góp ý"), "is_multiline": True},
            ],
        },
    ]
    return {
        "schema": 1,
        "code": "small",
        "title": text("Phiếu nhỏ"),
        "languages": ["vi", "en"],
        "is_provisional": True,
        "provisional_reason": text("Chưa có quyết định"),
        "scales": [{"code": "satisfaction", "options": options("Rất kém", "Kém", "Vừa", "Tốt", "Rất tốt")}],
        "consent": {
            "version": "2",
            "title": text("Trước khi trả lời"),
            "points": [{"heading": text("Chúng tôi hỏi gì?"), "text": text("Mức độ hài lòng.")}],
            "statements": [
                {"code": "use", "text": text("Tôi đồng ý"), "is_required": True},
                {"code": "recall", "text": text("Có thể gọi lại")},
            ],
        },
        "sections": sections,
    } | changes


def make_round(code: str = "sipas-2026", **changes: Any) -> SurveyRound:
    template, _created = SamplingTemplate.objects.get_or_create(
        code="t", defaults={"title_vi": "m", "title_en": "t", "document": {}, "digest": "0" * 64}
    )
    now = timezone.now()
    values: dict[str, Any] = {
        "code": code,
        "name_vi": "SIPAS 2026",
        "name_en": "SIPAS 2026",
        "year": 2026,
        "contact_phone": "1900 0000",
        "reference_period_start": datetime.date(2026, 1, 1),
        "reference_period_end": datetime.date(2026, 12, 31),
        "opens_at": now - DAY,
        "closes_at": now + DAY,
        "status": RoundStatus.OPEN,
        "template": template,
    }
    return SurveyRound.objects.create(**(values | changes))


def make_village(survey_round: SurveyRound, name: str = "Thôn 2") -> SampledUnit:
    province, _created = AdministrativeUnit.objects.get_or_create(
        level="province",
        code="99",
        defaults={"name": "Minh Họa", "unit_type": "tỉnh", "sort_key": "minh hoa"},
    )
    sample, _created = Sample.objects.get_or_create(
        round=survey_round,
        defaults={
            "template": survey_round.template,
            "seed": "s",
            **dict.fromkeys(("frame_digest", "design_digest", "fingerprint"), "0" * 64),
            **dict.fromkeys(("n_communes", "n_villages", "n_persons", "n_reserves"), 1),
        },
    )
    commune = _unit(sample, province, "commune", "Xã Mẫu", None)
    return _unit(sample, province, "village", name, commune)


def _unit(
    sample: Sample, province: AdministrativeUnit, stage: str, name: str, parent: SampledUnit | None
) -> SampledUnit:
    frame, _created = SamplingFrame.objects.get_or_create(
        round=sample.round,
        stage=stage,
        defaults={
            "source": "x",
            "reference_date": datetime.date(2026, 1, 1),
            "n_units": 1,
            "digest": "0" * 64,
        },
    )
    frame_unit, _created = FrameUnit.objects.get_or_create(
        frame=frame, code=name, defaults={"name": name, "measure_of_size": 100}
    )
    unit, _created = SampledUnit.objects.get_or_create(
        sample=sample,
        frame_unit=frame_unit,
        defaults={
            "stage": stage,
            "parent": parent,
            "province": province,
            "stratum": "99",
            "frame_order": 1,
            "draw_order": 1,
            "inclusion_probability": 0.5,
        },
    )
    return unit


def make_cases(village: SampledUnit, count: int = 1, **changes: Any) -> list[Case]:
    first = Case.objects.filter(village=village).count() + 1
    return Case.objects.bulk_create(
        Case(
            **(
                {
                    "sample": village.sample,
                    "number": f"{village.pk:04d}-{number:03d}",
                    "village": village,
                    "register_number": str(number),
                    "draw_order": number,
                    "inclusion_probability": 0.1,
                    "design_weight": 20,
                }
                | changes
            )
        )
        for number in range(first, first + count)
    )


def publish(survey_round: SurveyRound, document: dict[str, Any] | None = None) -> QuestionnaireVersion:
    version = freeze_version(questionnaire=import_form(document or small_document()))
    assign_version_to_round(round=survey_round, version=version)
    return version


def publish_sipas(survey_round: SurveyRound) -> QuestionnaireVersion:
    return publish(survey_round, forms.load("sipas-m2023"))


def make_user(name: str, *permissions: str) -> AbstractBaseUser:
    user = get_user_model().objects.create_user(username=name, password="a long password")
    codenames = [permission.partition(".")[2] for permission in permissions]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def the_form() -> Response | SeparatedResponse:
    """Return the one form there is, sent or under way."""
    return SeparatedResponse.objects.first() or Response.objects.get()


def form_of(case: Case) -> SeparatedResponse:
    """Return the form of a case that waits for approval, by its link."""
    return SeparatedResponse.objects.get(case_link=case_link(case.pk))


def has_forms() -> bool:
    """Tell whether anybody has begun or sent a form."""
    return Response.objects.exists() or SeparatedResponse.objects.exists()
