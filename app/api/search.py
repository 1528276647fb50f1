"""Searching records: by POST whatever may be looked for, by GET what may stand in an address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from app.api import wire
from app.api.contract import FOUND, answers, list_document, search_document
from app.api.cursors import read_place, written_place
from app.api.deps import CallerDep, Now, ReceivedAt, Sent, Shop, ShopDep, Transaction, authenticated, only
from app.api.problems import Json
from app.callers import Caller
from app.exchange.find import Filters, Found, Total, contradictions, filters_of, find
from app.refusals import BadParameter, ValidationFailed
from app.rules.searching import may_stand_in_an_address
from schemas.faults import Fault, in_document_order, pointer
from schemas.reading import Reading, is_clean, with_clean_names
from schemas.shaping import first_at_each_place, shaped

_ORDER = (
    "All filters together. The newest receipt first; with `decided_from` or `decided_to` the latest decision first. "
    "`received_from` and `received_to` are about the first receipt. A region stands for all below it. `q`: each of its "
    "words stands in the record. `estimate`: also how many there are, counted up to 1000."
)
NOT_BY_GET = "party_name"
"""Names go by POST: nobody can tell a firm's from a person's."""


def search_routes(record_type: str) -> APIRouter:
    """The routes by which records of one type are found."""
    router = APIRouter(prefix=f"/v1/records/{record_type}", tags=[record_type], dependencies=[Depends(authenticated)])
    model = filters_of(record_type)
    names = [name for name in model.model_fields if name != NOT_BY_GET]

    async def page(caller: Caller, shop: Shop, filters: Filters, now: datetime, conn: AsyncConnection) -> Response:
        asked = _asked(record_type, filters)
        after = read_place(shop.token_key, filters.after, asked)
        found = await find(conn, caller, record_type, filters, after, now)
        return _answer(shop, found, asked)

    async def search(caller: CallerDep, sent: Sent, shop: ShopDep, now: ReceivedAt, conn: Transaction) -> Response:
        return await page(caller, shop, _posted(model, sent), now, conn)

    async def list_(request: Request, caller: CallerDep, shop: ShopDep, now: Now, conn: Transaction) -> Response:
        filters = _in_address(model, request.query_params)
        may_stand_in_an_address(filters.party_code, filters.q)
        return await page(caller, shop, filters, now, conn)

    router.add_api_route(
        "/search",
        search,
        methods=["POST"],
        operation_id=f"search_{record_type}",
        summary=f"Search {record_type} records",
        description=_ORDER,
        response_class=Json,
        responses=answers(FOUND, s200="A page of what was found"),
        openapi_extra=search_document(record_type),
    )
    router.add_api_route(
        "",
        list_,
        methods=["GET"],
        operation_id=f"list_{record_type}",
        summary=f"Search {record_type} records by what may stand in an address",
        description=_ORDER + " Names and numbers of persons go by POST.",
        dependencies=[Depends(only(*names))],
        response_class=Json,
        responses=answers(FOUND, s200="A page of what was found"),
        openapi_extra=list_document(record_type, names),
    )
    return router


def _posted(model: type[Filters], sent: Reading) -> Filters:
    """Raises ValidationFailed."""
    if not isinstance(sent.value, dict):
        raise ValidationFailed([Fault("", "wrong-type", {"expected": "object"})])
    said = with_clean_names(sent.value)
    filters, faults = _judged(model, said, list(sent.faults))
    if filters is None:
        raise ValidationFailed(in_document_order(faults, said))
    return filters


def _in_address(model: type[Filters], parameters: Mapping[str, str]) -> Filters:
    """Raises BadParameter."""
    unwanted = [Fault(pointer(name), "control-character") for name, value in parameters.items() if not is_clean(value)]
    said = {name: _value(name, value) for name, value in parameters.items()}
    filters, faults = _judged(model, said, unwanted)
    if filters is None:
        raise BadParameter(faults)
    return filters


def _value(name: str, value: str) -> object:
    """What a parameter says, as a body would say it."""
    if name == "limit" and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return {"true": True, "false": False}.get(value, value) if name == "estimate" else value


def _judged(
    model: type[Filters], said: Mapping[str, object], faults: list[Fault]
) -> tuple[Filters | None, list[Fault]]:
    filters, more = shaped(model, said)
    if filters is not None:
        more = list(contradictions(filters))
    faults = first_at_each_place([*faults, *more])
    return (filters, faults) if not faults else (None, faults)


def _asked(record_type: str, filters: Filters) -> bytes:
    """What a cursor is good for: this type with these filters, however they were sent."""
    return json.dumps([record_type, filters.narrowing()], sort_keys=True).encode()


def _answer(shop: Shop, found: Found, asked: bytes) -> Response:
    body: dict[str, Any] = {
        "items": [wire.record(one) for one in found.items],
        "next": None if found.next is None else written_place(shop.token_key, found.next, asked),
    }
    return Json(body | ({} if found.total is None else {"estimated_total": _total(found.total)}))


def _total(total: Total) -> dict[str, Any]:
    return {"value": total.value, "precision": "exact" if total.is_exact else "at_least"}
