"""Every refusal as a problem (RFC 9457): the one table of statuses, and the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import JSONResponse, Response

from app import refusals
from app.refusals import Refusal
from schemas.faults import Fault, Language

STATUS: dict[type[Refusal], int] = {
    refusals.UnreadableBody: 400,
    refusals.BadParameter: 400,
    refusals.CursorInvalid: 400,
    refusals.PersonalDataInAddress: 400,
    refusals.TokenMissing: 401,
    refusals.TokenInvalid: 401,
    refusals.TokenExpired: 401,
    refusals.RoleMayNot: 403,
    refusals.NotYourRecord: 403,
    refusals.NotYourStep: 403,
    refusals.NotYourAttachment: 403,
    refusals.AttachmentUnmaskable: 403,
    refusals.UnknownRecordType: 404,
    refusals.UnknownRecord: 404,
    refusals.UnknownVersion: 404,
    refusals.UnknownEvent: 404,
    refusals.UnknownPath: 404,
    refusals.UnknownFile: 404,
    refusals.NothingRejected: 404,
    refusals.UnknownAttachment: 404,
    refusals.AttachmentNotSent: 404,
    refusals.MethodNotAllowed: 405,
    refusals.TooSlow: 408,
    refusals.AlreadyHeld: 409,
    refusals.EventAlreadyHeld: 409,
    refusals.RecordWithdrawn: 409,
    refusals.RequestInProgress: 409,
    refusals.FileInProgress: 409,
    refusals.FileOver: 409,
    refusals.TooManyEvents: 409,
    refusals.TooManyVersions: 409,
    refusals.StepNotAllowed: 409,
    refusals.CursorOutdated: 410,
    refusals.FileForgotten: 410,
    refusals.VersionOutdated: 412,
    refusals.TooLarge: 413,
    refusals.UnsupportedContentType: 415,
    refusals.ValidationFailed: 422,
    refusals.KeyReused: 422,
    refusals.DifferentInBatch: 422,
    refusals.TableTooWide: 422,
    refusals.TooManyRows: 422,
    refusals.SizeDiffers: 422,
    refusals.DigestDiffers: 422,
    refusals.MediaTypeDiffers: 422,
    refusals.BatchRefused: 424,
    refusals.VersionNotStated: 428,
    refusals.TooManyRequests: 429,
    refusals.AttachmentDamaged: 500,
    refusals.Failed: 500,
    refusals.Unavailable: 503,
}

PROBLEM_JSON = "application/problem+json"


class Json(JSONResponse):
    """A JSON answer in UTF-8, kept by nobody on the way: it may name people."""

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Every answer says that it is not to be stored (RFC 9111 section 5.2.2.5)."""
        super().init_headers({"Cache-Control": "no-store", **(headers or {})})

    def render(self, content: Any) -> bytes:  # noqa: ANN401 – any JSON value
        """The bytes of the answer; bytes are JSON already."""
        return content if isinstance(content, bytes) else orjson.dumps(content)


def problem(refusal: Refusal, language: Language) -> Response:
    """The answer to a refused request."""
    status = STATUS[type(refusal)]
    response = Json(body(refusal, language), status_code=status, media_type=PROBLEM_JSON)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    if status == 401:
        error = "" if isinstance(refusal, refusals.TokenMissing) else ', error="invalid_token"'
        response.headers["WWW-Authenticate"] = f'Bearer realm="liandong"{error}'
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def body(refusal: Refusal, language: Language) -> dict[str, Any]:
    """A refusal as callers read it."""
    said: dict[str, Any] = {
        "type": f"/problems/{refusal.code}",
        "title": refusal.title_zh if language == "zh" else refusal.__doc__,
        "status": STATUS[type(refusal)],
        "code": refusal.code,
    }
    if refusal.faults:
        said["errors"] = in_words(refusal.faults, language)
    return said | refusal.facts


def in_words(faults: Sequence[Fault], language: Language) -> list[dict[str, str]]:
    """Faults as callers read them."""
    return [_fault(fault, language) for fault in faults]


def _fault(fault: Fault, language: Language) -> dict[str, str]:
    words = {"pointer": fault.pointer, "code": fault.code, "message": fault.message(language)}
    fix = fault.fix(language)
    return words | {"fix": fix} if fix else words


def language_of(request: Request) -> Language:
    """English if the caller prefers it to Chinese (Accept-Language, RFC 9110 section 12.5.4); Chinese otherwise."""
    wanted = [part.strip() for part in request.headers.get("accept-language", "").split(",")]
    weights = {"zh": 0.0, "en": 0.0}
    for part in wanted:
        name, _, parameters = part.partition(";")
        language = name.strip().lower()[:2]
        if language in weights:
            weights[language] = max(weights[language], _weight(parameters))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
