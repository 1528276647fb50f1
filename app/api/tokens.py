"""Access tokens by client credentials (RFC 6749 section 4.4)."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.contract import TOKEN, answers, token_document
from app.api.deps import Now, ShopDep, address_of
from app.api.keys import LIFETIME_SECONDS
from app.api.problems import Json
from app.exchange import enrol

tokens = APIRouter(tags=["tokens"])

# RFC 6749 section 5.1: an answer with a token in it is kept by nobody on the way.
_NO_STORE = {"Cache-Control": "no-store"}
_MOST_BYTES = 4096


@tokens.post(
    "/oauth2/token",
    operation_id="token",
    summary="An access token for a client",
    response_class=Json,
    responses=answers(TOKEN, s200="A token"),
    openapi_extra=token_document(),
)
async def token(request: Request, shop: ShopDep, now: Now) -> Response:
    """Client id and secret by HTTP Basic or in the form; errors as RFC 6749 section 5.2 words them."""
    shop.token_pace.take(address_of(request))
    form = await _form(request)
    if form is None or "grant_type" not in form:
        return _refused(400, "invalid_request", "a form with each parameter once is needed, grant_type among them")
    if form["grant_type"] != "client_credentials":
        return _refused(400, "unsupported_grant_type", "grant_type=client_credentials is needed")
    credentials = _credentials(request, form)
    if credentials is None:
        return _refused(400, "invalid_request", "client id and secret by HTTP Basic or in the form, not both")
    client_id, secret = credentials

    async with shop.engine.begin() as conn:
        caller = await enrol.authenticate(conn, client_id, secret, now)
    if caller is None:
        return _refused(401, "invalid_client", "client id and secret do not match")

    answer = {
        "access_token": shop.token_key.token_for(caller.client_id, now),
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECONDS,
    }
    return Json(answer, headers=_NO_STORE)


async def _form(request: Request) -> dict[str, str] | None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return None
    try:
        pairs = [pair.partition("=") for pair in body.decode("ascii").split("&")]
        told = [(unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")) for name, _, value in pairs]
    except UnicodeError:
        return None
    # RFC 6749 section 3.2: a parameter stands once, and one without a value counts as left out.
    form = {name: value for name, value in told if value}
    return form if len(form) == sum(bool(value) for _, value in told) else None


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str] | None:
    """Client id and secret; None if they came in two ways at once (RFC 6749 section 2.3)."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    if "client_secret" in form:
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    # RFC 6749 section 2.3.1: both are form-encoded before they are put into the header.
    return unquote_plus(client_id), unquote_plus(secret)


def _refused(status: int, error: str, description: str) -> Response:
    headers = dict(_NO_STORE)
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="liandong"'
    return Json({"error": error, "error_description": description}, status_code=status, headers=headers)
