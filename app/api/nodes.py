"""Lists of duties across records: page by page, or whole as a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api import wire
from app.api.contract import NODE_LIST, list_answers, nodes_document
from app.api.cursors import read_duty, written_duty
from app.api.deps import CallerDep, LanguageDep, Now, Shop, ShopDep, authenticated, only
from app.api.problems import Json
from app.api.sheets import Cell, Format, Sheet, Workshop, csv_answer, disposition, wanted_format, xlsx_answer
from app.callers import Caller
from app.exchange.watch import (
    MOST_EXPORTED,
    NodeFilters,
    Watched,
    all_pages,
    begin_export,
    node_filters,
    watch,
)
from app.refusals import BadParameter
from schemas.codelists import codelist
from schemas.faults import Fault, Language, pointer
from schemas.reading import is_clean

NAMES = tuple(NodeFilters.model_fields)

nodes = APIRouter(prefix="/v1", tags=["nodes"], dependencies=[Depends(authenticated)])


@nodes.get(
    "/nodes",
    operation_id="list_nodes",
    summary="Duties across records, due first to last",
    description="All filters together; `state`, `role` and `done_by`: any of the codes, separated by commas; a "
    "`region` stands for all below it, `region_only` for itself alone; `due_before` is the first moment too late. "
    "Those without a due moment come last. A page may hold fewer than asked for and still have a `next`. With "
    f"`format`, or by `Accept`, the whole list as a table: without `limit` and `after`, at most {MOST_EXPORTED} rows.",
    dependencies=[Depends(only(*NAMES, "format"))],
    response_class=Json,
    responses=list_answers(NODE_LIST),
    openapi_extra=nodes_document(),
)
async def list_nodes(request: Request, caller: CallerDep, shop: ShopDep, now: Now, language: LanguageDep) -> Response:
    """One page as JSON, or all of it as a table."""
    format_ = wanted_format(request)
    parameters = {name: value for name, value in request.query_params.items() if name != "format"}
    filters = _read(parameters, format_)
    if format_ == "json":
        return await _page(shop, caller, filters, now, language)
    async with shop.engine.begin() as conn:
        await begin_export(conn, caller, filters, format_, now)
    return await _table(request, caller, filters, format_, now, language)


def _read(parameters: Mapping[str, str], format_: Format) -> NodeFilters:
    """Raises BadParameter."""
    unclean = [Fault(pointer(name), "control-character") for name, value in parameters.items() if not is_clean(value)]
    # A whole list has no pages.
    paging = [] if format_ == "json" else [name for name in ("limit", "after") if name in parameters]
    filters, faults = node_filters(parameters)
    faults = [*unclean, *(Fault(pointer(name), "unknown-parameter") for name in paging), *faults]
    if filters is None or faults:
        raise BadParameter(list({fault.pointer: fault for fault in reversed(faults)}.values())[::-1])
    return filters


async def _page(shop: Shop, caller: Caller, filters: NodeFilters, now: datetime, language: Language) -> Response:
    asked = json.dumps(["nodes", filters.narrowing()], sort_keys=True).encode()
    after = read_duty(shop.token_key, filters.after, asked)
    async with shop.engine.begin() as conn:
        found = await watch(conn, caller, filters, after, now)
    body = {
        "items": [wire.watched(one, now, language) for one in found.items],
        "next": None if found.next is None else written_duty(shop.token_key, found.next, asked),
    }
    return Json(body, headers={"Vary": "Accept, Accept-Language"})


async def _table(
    request: Request, caller: Caller, filters: NodeFilters, format_: Format, now: datetime, language: Language
) -> Response:
    workshop: Workshop = request.app.state.workshop
    pages = all_pages(request.app.state.shop.engine, caller, filters, now)
    sheet = Sheet(_TITLE[language], [words[language] for words in _COLUMNS], pages, _row_of(now, language))
    headers = disposition("nodes", format_, now)
    return csv_answer(sheet, headers) if format_ == "csv" else await xlsx_answer(workshop, [sheet], headers)


# The table ------------------------------------------------------------------------------------------------------------


def _words(zh: str, en: str) -> Mapping[Language, str]:
    return {"zh": zh, "en": en}


_TITLE = _words("关键节点", "nodes")

_COLUMNS = (
    _words("记录标识", "record id"),
    _words("记录类型", "record type"),
    _words("报送单位代码", "organisation"),
    _words("记录编号", "source id"),
    _words("行政区划代码", "region"),
    _words("行政区划", "region name"),
    _words("执法领域代码", "field"),
    _words("执法领域", "field name"),
    _words("节点代码", "node"),
    _words("节点", "node title"),
    _words("责任单位代码", "responsible"),
    _words("责任方", "responsible role"),
    _words("状态代码", "state"),
    _words("状态", "state in words"),
    _words("起算事件", "opened by"),
    _words("起算时间", "opened at"),
    _words("期限", "limit"),
    _words("期限单位", "limit unit"),
    _words("到期时间", "due at"),
    _words("完成时间", "done at"),
    _words("完成事件", "done by"),
    _words("只作提示", "advisory"),
    _words("暂定", "provisional"),
    _words("依据", "basis"),
    _words("规则", "rule"),
    _words("规则状态", "rule status"),
    _words("计算过程", "explanation"),
)

_STATES = {
    "open": _words("未到期", "open"),
    "due_soon": _words("临期", "due soon"),
    "overdue": _words("逾期", "overdue"),
    "done": _words("按期完成", "done"),
    "done_late": _words("逾期完成", "done late"),
    "paused": _words("中止", "paused"),
    "waived": _words("免除", "waived"),
}
_UNITS = {
    "working_day": _words("工作日", "working days"),
    "natural_day": _words("自然日", "days"),
    "month": _words("月", "months"),
    "hour": _words("小时", "hours"),
}
_YES_OR_NO = {True: _words("是", "yes"), False: _words("否", "no")}


def _row_of(now: datetime, language: Language) -> Callable[[Watched], Sequence[Cell]]:
    def row(watched: Watched) -> Sequence[Cell]:
        said = wire.watched(watched, now, language)
        limit: dict[str, Any] = said["limit"] or {}
        return (
            *(said[name] for name in ("id", "record_type", "organisation", "source_id")),
            *(said["region"], _name("regions", said["region"], language)),
            *(said["field"], _name("fields", said["field"], language)),
            *(said[name] for name in ("node", "title", "responsible", "responsible_role", "state")),
            _STATES[said["state"]][language],
            *(said["opened_by"], said["opened_at"]),
            *(limit.get("amount"), _UNITS[limit["unit"]][language] if limit else None),
            *(said["due_at"], said["done_at"], said["done_by"]),
            *(_YES_OR_NO[said[name]][language] for name in ("advisory", "provisional")),
            *(said[name] for name in ("basis", "rule", "status", "explanation")),
        )

    return row


def _name(list_: str, code: str, language: Language) -> str:
    names = codelist(list_)
    return names.en(code) if language == "en" else names.zh(code)
