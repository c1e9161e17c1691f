"""The questionnaire of the interview benchmark: 51 items in 12 sections, generated."""

from typing import Any

N_ITEMS = 51
N_SECTIONS = 12
CODE = "benchmark-51"
SCALE = ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")
SCALE_EN = ("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied")


def document() -> dict[str, Any]:
    """Return the form: batteries of four or five statements on five-point scales, in two languages."""
    return {
        "schema": 1,
        "code": CODE,
        "title": _both("Phiếu đo tốc độ", "Questionnaire for measuring speed"),
        "languages": ["vi", "en"],
        "scales": [{"code": "satisfaction", "options": _options()}],
        "consent": {
            "version": "1",
            "title": _both("Trước khi trả lời", "Before you answer"),
            "points": [
                {
                    "heading": _both("Hỏi gì?", "What is asked?"),
                    "text": _both("Sự hài lòng.", "Satisfaction."),
                }
            ],
            "statements": [{"code": "use", "text": _both("Tôi đồng ý", "I agree"), "is_required": True}],
        },
        "sections": [_section(number) for number in range(1, N_SECTIONS + 1)],
    }


def items_of(number: int) -> list[int]:
    """Return the numbers of the items of a section, as even as whole numbers allow."""
    first = (number - 1) * N_ITEMS // N_SECTIONS
    return list(range(first + 1, number * N_ITEMS // N_SECTIONS + 1))


def section_code(number: int) -> str:
    """Return the code of a section."""
    return f"S{number}"


def item_code(item: int) -> str:
    """Return the code of an item."""
    return f"Q{item}"


def _section(number: int) -> dict[str, Any]:
    """Return one battery."""
    return {
        "code": section_code(number),
        "title": _both(f"Nội dung {number}", f"Topic {number}"),
        "heading": _both(
            f"Ông/Bà hài lòng ở mức nào về các nội dung sau đây của lĩnh vực {number}?",
            f"How satisfied are you with the following aspects of field {number}?",
        ),
        "questions": [
            {
                "code": item_code(item),
                "kind": "likert",
                "scale": "satisfaction",
                "allows_not_applicable": True,
                "text": _both(
                    f"Công chức tiếp nhận, giải quyết hồ sơ có thái độ đúng mực, chu đáo (nội dung {item})",
                    f"Officials received and handled the file politely and carefully (aspect {item})",
                ),
            }
            for item in items_of(number)
        ],
    }


def _options() -> list[dict[str, Any]]:
    """Return the five points of the scale."""
    return [
        {"value": value, "label": _both(vi, en)}
        for value, (vi, en) in enumerate(zip(SCALE, SCALE_EN, strict=True), start=1)
    ]


def _both(vi: str, en: str) -> dict[str, str]:
    """Return a text in both languages."""
    return {"vi": vi, "en": en}
