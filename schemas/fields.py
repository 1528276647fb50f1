"""The field types of the standard: each a small room that knows its shape, its fault code and its JSON Schema.

Shapes are checked inside pydantic's core, not by Python callbacks, so that a national day's worth of rows
validates in seconds; only check digits call back, and those are table look-ups.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core import core_schema as core

from . import identifiers
from .codelists import codelist
from .lifecycle import SHANGHAI


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """How a JSON string becomes a value: `core` checks and converts, `code` names the fault; its JSON Schema."""

    core: CoreSchema
    code: str
    published: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core.custom_error_schema(self.core, custom_error_type=self.code, custom_error_message=self.code)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return dict(self.published)


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """A string with a check of its own: `fault` gives the code of what is wrong with it, or None."""

    fault: Callable[[str], str | None]
    published: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core.no_info_after_validator_function(self._check, core.str_schema(strict=True, max_length=64))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", **self.published}

    def _check(self, value: str) -> str:
        code = self.fault(value)
        if code is not None:
            raise PydanticCustomError(code, code)
        return value


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Marks a field whose content not every reader may see; `kind`: a code of the list `disclosure_classes`."""

    kind: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "x-disclosure": self.kind}


PERSONAL = Disclosure("personal")
"""个人信息: who a natural person is."""

REPORTER = Disclosure("reporter")
"""举报人、提供线索人身份: who told the authorities."""

MINOR = Disclosure("minor")
"""未成年人身份: who a minor is."""

TRADE_SECRET = Disclosure("trade_secret")
"""商业秘密."""


def _chain(pattern: str, then: CoreSchema) -> CoreSchema:
    return core.chain_schema([core.str_schema(strict=True, pattern=pattern), then])


_VISIBLE = r"[^\s\u200b\u200c\u200d\u2060\ufeff]"


def text(max_length: int) -> Shape:
    """Words of 1 to `max_length` characters, not only blanks."""
    shape = core.str_schema(strict=True, min_length=1, max_length=max_length, pattern=_VISIBLE)
    published = {"type": "string", "minLength": 1, "maxLength": max_length, "pattern": _VISIBLE}
    return Shape(shape, "text", published)


def code_of(name: str) -> Shape:
    """A code out of the codelist `name`."""
    codes = [entry.code for entry in codelist(name).entries]
    return Shape(core.literal_schema(codes), "unknown-code", {"type": "string", "enum": codes, "x-codelist": name})


def written_as(pattern: str, code: str) -> Shape:
    """A string of this pattern; `code` names the fault of one that is not."""
    return Shape(core.str_schema(strict=True, pattern=pattern), code, {"type": "string", "pattern": pattern})


# [0-9] and not \d, which takes the digits of every script.
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"
_FIRST, _LAST = date(1900, 1, 1), date(2099, 12, 31)
_day = _chain(_DAY, core.date_schema(ge=_FIRST, le=_LAST))
_moment = _chain(
    _MOMENT,
    core.datetime_schema(
        tz_constraint="aware",
        ge=datetime.combine(_FIRST, time.min, SHANGHAI),
        le=datetime.combine(_LAST, time.max, SHANGHAI),
    ),
)

Day = Annotated[date, Shape(_day, "date", {"type": "string", "format": "date"})]
"""A date that exists, `YYYY-MM-DD`, 1900 to 2099."""

When = Annotated[
    date | datetime,
    Shape(
        core.union_schema([_day, _moment]),
        "moment",
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]},
    ),
]
"""A date, or a moment with its offset (RFC 3339)."""

_YUAN = r"^(0|[1-9][0-9]{0,15})\.[0-9]{2}$"
Yuan = Annotated[Decimal, Shape(_chain(_YUAN, core.decimal_schema()), "money", {"type": "string", "pattern": _YUAN})]
"""Money in yuan with two places, `"12000.00"`."""

CreditCode = Annotated[
    str, Checked(identifiers.credit_code_fault, {"minLength": 18, "maxLength": 18, "x-identifier": "GB 32100-2015"})
]
"""统一社会信用代码."""

OrganisationCode = Annotated[
    str, Checked(identifiers.organisation_code_fault, {"maxLength": 10, "x-identifier": "GB 11714-1997"})
]
"""组织机构代码, with or without the hyphen."""

Region = Annotated[str, code_of("regions")]
"""行政区划 (GB/T 2260), or a functional zone of the local extension."""

EnforcementField = Annotated[str, code_of("fields")]
"""执法领域."""

Name = Annotated[str, text(200)]


def choice(*codes: str) -> Shape:
    """One of a few codes that belong to one field alone and need no list of their own."""
    return Shape(core.literal_schema(list(codes)), "unknown-code", {"type": "string", "enum": list(codes)})
