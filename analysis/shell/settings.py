"""The two settings files: how the sample was drawn (design.toml) and what is computed (index.toml)."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

from analysis.estimation import (
    COUNTED,
    DEGREE_RULES,
    SINGLE_PSU_POLICIES,
    Brewer,
    HartleyRao,
    Overton,
    PpsMethod,
)
from analysis.index import IndexMethod, parse_index_method
from analysis.index.parsing import FORMAT
from analysis.shell.errors import InputError

DESIGN_KEYS = (
    "weight", "strata", "clusters", "fpc", "pps", "nest", "single_psu", "degrees", "is_approximate",
    "calibration",
)  # fmt: skip
PPS_METHODS: Mapping[str, PpsMethod] = {"brewer": Brewer(), "overton": Overton(), "hartley_rao": HartleyRao()}
"""Variances of samples drawn with unequal chances and without replacement; `fpc` has the chances."""
CALIBRATION_KEYS = ("base_weight", "margins")
INDEX_KEYS = (
    "code", "title", "decision", "is_provisional", "reason", "minimum", "maximum", "satisfied_from",
    "headline", "content_rule", "content",
)  # fmt: skip
CONTENT_KEYS = ("code", "title", "weight", "weight_is_provisional", "element")
ELEMENT_KEYS = ("code", "title", "items")

type Document = Mapping[str, Any]


@dataclass(frozen=True)
class Calibration:
    """Columns with the weights before calibration and the cells of the margins that the weights meet."""

    base_weight: str
    margins: tuple[str, ...]


@dataclass(frozen=True)
class DesignSettings:
    """Columns of the data that say how the sample was drawn."""

    weight: str
    strata: str | None
    clusters: tuple[str, ...]
    fpc: tuple[str, ...]
    nest: bool
    single_psu: str
    calibration: Calibration | None
    pps: PpsMethod | None = None
    is_approximate: bool = False
    degrees: str = COUNTED

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read design.toml and refuse what it cannot mean."""
        document = _read_toml(path)
        _only(document, DESIGN_KEYS, path.name)
        policy = _chosen(document, "single_psu", SINGLE_PSU_POLICIES, "fail", path.name)
        return cls(
            weight=_text(document, "weight", path.name),
            strata=_text(document, "strata", path.name) if "strata" in document else None,
            clusters=_texts(document, "clusters", path.name),
            fpc=_texts(document, "fpc", path.name),
            nest=bool(document.get("nest", False)),
            single_psu=policy,
            calibration=_read_calibration(document.get("calibration"), path.name),
            pps=_read_pps(document, path.name),
            is_approximate=bool(document.get("is_approximate", False)),
            degrees=_chosen(document, "degrees", DEGREE_RULES, COUNTED, path.name),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the design needs."""
        strata = () if self.strata is None else (self.strata,)
        calibration = (
            () if self.calibration is None else (self.calibration.base_weight, *self.calibration.margins)
        )
        return (self.weight, *strata, *self.clusters, *self.fpc, *calibration)


def read_index(path: Path) -> IndexMethod:
    """Read index.toml, the short form of an index method.

    Parameters
    ----------
    path : Path
        With ``title``, the scale, and contents of elements of items; an item is a column of the data.

    Returns
    -------
    IndexMethod

    Raises
    ------
    InputError
        If the file cannot be read, or a key is unknown or missing.
    IndexMethodError
        If the weights do not add up to 1, or an item stands in two places.
    """
    document = _read_toml(path)
    _only(document, INDEX_KEYS, path.name)
    return parse_index_method(_method_document(document, path.name))


def _read_toml(path: Path) -> Document:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise InputError(
            expected=f"the file {path}", got=str(error.strerror), hint="Check the path."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            expected=f"{path.name} to be TOML",
            got=str(error),
            hint='Write text in quotes, for example weight = "final_weight".',
        ) from error


def _only(document: Document, known: Collection[str], where: str) -> None:
    unknown = [key for key in document if key not in known]
    if unknown:
        raise InputError(
            expected=f"only the keys {', '.join(known)} in {where}",
            got=", ".join(unknown),
            hint="Correct the spelling or remove the key.",
        )


def _text(document: Document, key: str, where: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value:
        raise InputError(expected=f"text for {key} in {where}", got=repr(value), hint=f'Write {key} = "…".')
    return value


def _texts(document: Document, key: str, where: str) -> tuple[str, ...]:
    value = document.get(key, [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise InputError(
            expected=f"one column or a list of columns for {key} in {where}",
            got=repr(value),
            hint=f'Write {key} = "commune" or {key} = ["commune", "village"].',
        )
    return tuple(listed)


def _chosen(document: Document, key: str, known: Collection[str], usual: str, where: str) -> str:
    value = document.get(key, usual)
    if value not in known:
        raise InputError(
            expected=f"{key} in {where} to be one of {', '.join(known)}",
            got=repr(value),
            hint=f"Choose one; {usual} is the default.",
        )
    return str(value)


def _read_pps(document: Document, where: str) -> PpsMethod | None:
    """Read how the variance knows of unequal chances; it needs them in `fpc`."""
    name = document.get("pps")
    if name is None:
        return None
    if name not in PPS_METHODS:
        raise InputError(
            expected=f"pps in {where} to be one of {', '.join(PPS_METHODS)}",
            got=repr(name),
            hint="Choose one, or leave it out for equal chances in a stratum.",
        )
    if not document.get("fpc"):
        raise InputError(
            expected=f"fpc in {where} to name the column of inclusion probabilities",
            got="no fpc",
            hint='Write fpc = "sampling_fraction".',
        )
    return PPS_METHODS[name]


def _read_calibration(document: Document | None, where: str) -> Calibration | None:
    if document is None:
        return None
    _only(document, CALIBRATION_KEYS, f"[calibration] of {where}")
    margins = _texts(document, "margins", where)
    if not margins:
        raise InputError(
            expected=f"margins in [calibration] of {where}", got="none", hint="Name the columns of the cells."
        )
    return Calibration(_text(document, "base_weight", where), margins)


def _method_document(document: Document, where: str) -> dict[str, Any]:
    reason = str(document.get("reason", ""))
    return {
        "format": FORMAT,
        "code": document.get("code", "index"),
        "version": 1,
        "decision": document.get("decision"),
        "valid_from_year": 0,
        "title": _both(_text(document, "title", where)),
        "sources": [],
        "confidence": "given by the user",
        "is_provisional": bool(document.get("is_provisional", False)),
        "provisional_reason": _both(reason) if reason else {},
        "scale": {
            "code": "scale",
            "minimum": document.get("minimum", 1),
            "maximum": document.get("maximum", 5),
            "satisfied_from": document.get("satisfied_from", 4),
        },
        "headline": document.get("headline", "top_two_share"),
        "shown_beside": [],
        "element_rule": "mean_of_criteria",
        "content_rule": document.get("content_rule", "mean_of_elements"),
        "index_rule": "weighted_contents",
        "contents": [_content(content, where) for content in document.get("content", [])],
    }


def _content(content: Document, where: str) -> dict[str, Any]:
    _only(content, CONTENT_KEYS, f"[[content]] of {where}")
    code = _text(content, "code", f"[[content]] of {where}")
    weight = _fraction(content.get("weight", 1), f"content {code} of {where}")
    return {
        "code": code,
        "title": _both(str(content.get("title", code))),
        "weight": {"numerator": weight.numerator, "denominator": weight.denominator},
        "weight_is_provisional": bool(content.get("weight_is_provisional", False)),
        "elements": [_element(element, where) for element in content.get("element", [])],
    }


def _element(element: Document, where: str) -> dict[str, Any]:
    _only(element, ELEMENT_KEYS, f"[[content.element]] of {where}")
    code = _text(element, "code", f"[[content.element]] of {where}")
    items = _texts(element, "items", f"element {code} of {where}")
    return {
        "code": code,
        "title": _both(str(element.get("title", code))),
        "criteria": [
            {"code": f"{code}/{item}", "title": _both(item), "question": item, "is_name_published": True}
            for item in items
        ],
    }


def _fraction(value: object, where: str) -> Fraction:
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(
            expected=f"a number or a fraction as weight of {where}",
            got=repr(value),
            hint='Write weight = "32/51" or weight = 0.4.',
        ) from error


def _both(text: str) -> dict[str, str]:
    return {"vi": text, "en": text}
