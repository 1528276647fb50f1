"""Statistics of duties: every number with its definition and the query that lists what was counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api import wire
from app.api.contract import STATISTIC, list_answers, statistic_document
from app.api.deps import CallerDep, LanguageDep, Now, ShopDep, authenticated, only
from app.api.problems import Json
from app.api.sheets import Cell, Sheet, Workshop, at_once, csv_answer, disposition, wanted_format, xlsx_answer
from app.exchange.statistics import Question, asked_of, count, question
from app.exchange.watch import titles_of_groups
from app.refusals import BadParameter
from app.rules.statistics import STATISTICS
from schemas.faults import Fault, Language, pointer
from schemas.reading import is_clean

statistics = APIRouter(prefix="/v1/statistics", tags=["statistics"], dependencies=[Depends(authenticated)])

Told = Mapping[str, Any]
"""A statistic in the words of the contract."""


def _route(name: str) -> Callable[..., Any]:
    async def read(request: Request, caller: CallerDep, shop: ShopDep, now: Now, language: LanguageDep) -> Response:
        format_ = wanted_format(request)
        asked = _read(name, {one: value for one, value in request.query_params.items() if one != "format"})
        async with shop.engine.begin() as conn:
            groups = await count(conn, caller, asked, now)
        told = wire.statistic(asked, groups, titles_of_groups(), now, language)
        if format_ == "json":
            return Json(told, headers={"Vary": "Accept, Accept-Language"})
        headers = disposition(name, format_, now)
        if format_ == "csv":
            return csv_answer(_long(told, language), headers)
        workshop: Workshop = request.app.state.workshop
        sheets = [_wide(told, language), _meant(told, language), _long(told, language)]
        return await xlsx_answer(workshop, sheets, headers)

    return read


def _read(name: str, parameters: Mapping[str, str]) -> Question:
    """Raises BadParameter."""
    unclean = [Fault(pointer(one), "control-character") for one, value in parameters.items() if not is_clean(value)]
    asked, faults = question(name, parameters)
    if asked is None or unclean:
        raise BadParameter([*unclean, *faults])
    return asked


for _name in STATISTICS:
    _statistic = STATISTICS[_name]
    _own = [field.alias or one for one, field in asked_of(_name).model_fields.items()]
    statistics.add_api_route(
        f"/{_name}",
        _route(_name),
        methods=["GET"],
        operation_id=f"count_{_name}",
        summary=_statistic.title["en"].capitalize(),
        description=_statistic.definition["en"],
        dependencies=[Depends(only(*_own, *_statistic.asked, "format"))],
        response_class=Json,
        responses=list_answers(STATISTIC),
        openapi_extra=statistic_document(_name),
    )


# Tables ---------------------------------------------------------------------------------------------------------------

_WORDS: Mapping[str, Mapping[Language, str]] = {
    "organisation": {"zh": "报送单位代码", "en": "organisation"},
    "region": {"zh": "行政区划代码", "en": "region"},
    "field": {"zh": "执法领域代码", "en": "field"},
    "node": {"zh": "节点代码", "en": "node"},
    "node_title": {"zh": "节点", "en": "node title"},
    "role": {"zh": "责任方代码", "en": "role"},
    "role_title": {"zh": "责任方", "en": "role in words"},
    "month": {"zh": "月份", "en": "month"},
    "figure": {"zh": "指标代码", "en": "figure"},
    "title": {"zh": "指标", "en": "figure in words"},
    "value": {"zh": "数值", "en": "value"},
    "definition": {"zh": "定义", "en": "definition"},
    "rows": {"zh": "明细查询", "en": "query of its rows"},
    "figures": {"zh": "统计", "en": "figures"},
    "meant": {"zh": "定义", "en": "definitions"},
    "queries": {"zh": "明细查询", "en": "queries"},
    "at": {"zh": "统计时间", "en": "at"},
    "filters": {"zh": "条件", "en": "filters"},
}


def _long(told: Told, language: Language) -> Sheet:
    """A line for each number, with its definition and its query beside it."""
    groups = _groups(told)
    names = (*groups, "figure", "title", "value", "definition", "rows")

    def lines() -> Iterator[Sequence[Cell]]:
        for row in told["rows"]:
            for name, number in row["figures"].items():
                meant = told["figures"][name]
                values = (row.get(group) for group in groups)
                yield (*values, name, meant["title"], number["value"], meant["definition"], number["rows"])

    return _sheet("queries", [_WORDS[name][language] for name in names], list(lines()), language)


def _wide(told: Told, language: Language) -> Sheet:
    """A line for each group, a column for each figure."""
    groups = _groups(told)
    headings = [*(_WORDS[name][language] for name in groups), *(one["title"] for one in told["figures"].values())]
    rows = [
        (*(row.get(name) for name in groups), *(_number(row["figures"][name]["value"]) for name in told["figures"]))
        for row in told["rows"]
    ]
    return _sheet("figures", headings, rows, language)


def _meant(told: Told, language: Language) -> Sheet:
    """What was counted, when, and what each figure means."""
    filters = "&".join(f"{name}={value}" for name, value in told["filters"].items())
    rows = [
        (told["statistic"], told["title"], told["definition"]),
        *((name, one["title"], one["definition"]) for name, one in told["figures"].items()),
        ("at", _WORDS["at"][language], told["at"]),
        ("filters", _WORDS["filters"][language], filters),
    ]
    return _sheet("meant", [_WORDS[name][language] for name in ("figure", "title", "definition")], rows, language)


def _sheet(name: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]], language: Language) -> Sheet:
    return Sheet(_WORDS[name][language], headings, at_once(rows), lambda row: row)


def _groups(told: Told) -> list[str]:
    return [one for name in told["by"] for one in ((name, f"{name}_title") if name in titles_of_groups() else (name,))]


def _number(value: int | str | None) -> Cell:
    """A rate as a number to reckon with."""
    return float(value) if isinstance(value, str) else value
