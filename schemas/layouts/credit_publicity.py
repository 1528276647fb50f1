"""双公示 (credit publicity): the 2018 layout in which agencies already publish their penalties.

The layout is data: `COLUMNS`. A file in it is read row by row into penalties of the standard; what a cell
cannot mean is a fault of that cell, named by the row a person sees and the heading as the file has it. What
the layout does not hold (who reports, for which region and field) comes from the uploader.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import hashlib
import hmac
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

# Relative on purpose: the standard can be copied out of this repository and works under any name.
from .. import identifiers  # noqa: TID252
from ..codelists import Codelist, codelist  # noqa: TID252
from ..faults import Fault  # noqa: TID252

# --- the layout as data -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """One item: its CF_ code, its heading, where it stands in a penalty, and how its cells are read.

    `also` are other headings and codes met in the wild: the layouts of 2015, the national platform's xy ids.
    """

    code: str
    heading: str
    pointer: str
    read: str = "words"
    needed: bool = False
    also: tuple[str, ...] = ()


COLUMNS: tuple[Column, ...] = (
    Column("CF_XDR_MC", "行政相对人名称", "/party/name", needed=True, also=("相对人名称", "当事人名称")),
    Column("CF_XDR_LB", "行政相对人类别", "/party/kind", "party_kind", needed=True, also=("相对人类别",)),
    Column(
        "CF_XDR_SHXYM",
        "行政相对人代码_1(统一社会信用代码)",
        "/party/credit_code",
        "code",
        also=("行政相对人代码_1", "统一社会信用代码", "行政相对人统一社会信用代码"),
    ),
    Column(
        "CF_XDR_GSZC",
        "行政相对人代码_2(工商注册号)",
        "/party/registration_no",
        "number",
        also=("行政相对人代码_2", "工商注册号", "工商登记码", "CF_XDR_GSDJ"),
    ),
    Column(
        "CF_XDR_ZZJG",
        "行政相对人代码_3(组织机构代码)",
        "/party/organisation_code",
        "code",
        also=("行政相对人代码_3", "组织机构代码", "CF_XDR_ZDM"),
    ),
    Column(
        "CF_XDR_SWDJ",
        "行政相对人代码_4(税务登记号)",
        "/party/tax_no",
        "number",
        also=("行政相对人代码_4", "税务登记号"),
    ),
    Column(
        "CF_XDR_SYDW",
        "行政相对人代码_5(事业单位证书号)",
        "/party/institution_no",
        "number",
        also=("行政相对人代码_5", "事业单位证书号"),
    ),
    Column(
        "CF_XDR_SHZZ",
        "行政相对人代码_6(社会组织登记证号)",
        "/party/association_no",
        "number",
        also=("行政相对人代码_6", "社会组织登记证号"),
    ),
    Column(
        "CF_FRDB",
        "法定代表人",
        "/party/legal_representative/name",
        also=("法定代表人姓名", "法人代表", "CF_FR", "CF_FDDB"),
    ),
    Column("CF_FR_ZJLX", "法定代表人证件类型", "/party/legal_representative/id_type", "id_type"),
    Column(
        "CF_FR_ZJHM",
        "法定代表人证件号码",
        "/party/legal_representative/id_no",
        "code",
        also=("法定代表人证件号", "CF_FR_SFZH"),
    ),
    Column("CF_XDR_ZJLX", "自然人证件类型", "/party/id_type", "id_type", also=("证件类型",)),
    Column("CF_XDR_ZJHM", "自然人证件号码", "/party/id_no", "code", also=("自然人证件号", "证件号码", "CF_XDR_SFZ")),
    Column(
        "CF_WSH",
        "行政处罚决定书文号",
        "/decision_no",
        needed=True,
        also=("行政处罚决定文书号", "处罚决定书文号", "决定书文号", "XY020102"),
    ),
    Column("CF_WFXW", "违法行为类型", "/violation_type", needed=True, also=("XY020109",)),
    Column("CF_SY", "违法事实", "/violation_facts", needed=True, also=("处罚事由", "XY020104")),
    Column("CF_YJ", "处罚依据", "/legal_basis", needed=True, also=("行政处罚依据", "XY020106")),
    Column("CF_CFLB", "处罚类别", "/penalty_kinds", "kinds", needed=True, also=("行政处罚类别", "XY020103")),
    Column("CF_NR", "处罚内容", "/penalty_content", needed=True, also=("行政处罚内容", "XY020130")),
    Column("CF_NR_FK", "罚款金额(万元)", "/fine_yuan", "ten_thousands", also=("XY020116",)),
    Column(
        "CF_NR_WFFF",
        "没收违法所得、没收非法财物的金额(万元)",
        "/confiscated_yuan",
        "ten_thousands",
        also=("没收金额(万元)", "没收违法所得没收非法财物的金额(万元)", "没收违法所得或没收非法财物的金额(万元)"),
    ),
    Column(
        "CF_NR_ZKDX",
        "暂扣或吊销证照名称及编号",
        "/licence",
        also=("暂扣或者吊销证照名称及编号", "暂扣或吊销证照名称"),
    ),
    Column("CF_JDRQ", "处罚决定日期", "/decided_on", "day", needed=True, also=("行政处罚决定日期", "决定日期")),
    Column("CF_YXQ", "处罚有效期", "/valid_until", "day", also=("有效期",)),
    Column("CF_GSJZQ", "公示截止期", "/publicity_until", "day", also=("公示截止日期", "公示期限")),
    Column("CF_CFJG", "处罚机关", "/organ/name", needed=True, also=("行政处罚机关", "作出处罚机关", "CF_XZJG")),
    Column(
        "CF_CFJGDM",
        "处罚机关统一社会信用代码",
        "/organ/credit_code",
        "code",
        needed=True,
        also=("处罚机关代码", "XY020134"),
    ),
    Column("CF_SJLY", "数据来源单位", "/data_source/name", also=("数据来源",)),
    Column(
        "CF_SJLYDM",
        "数据来源单位统一社会信用代码",
        "/data_source/credit_code",
        "code",
        also=("数据来源单位代码", "数据来源代码"),
    ),
    Column("BZ", "备注", "/remarks", also=("CF_BZ",)),
)

BY_CODE: Mapping[str, Column] = MappingProxyType({column.code: column for column in COLUMNS})

LONG_TERM = "2099-12-31"
"""How the credit standard says that a period has no end; kept so in the record."""

_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_OPTIONAL_MARKS = re.compile(r"\((必填|选填|必填项|选填项)\)|[*★\s\u200b\ufeff]")
_CODE_IN_HEADING = re.compile(r"CF_[A-Z_]*[A-Z]|XY02[0-9]{4}")
_UNIT = re.compile(r"\((万?元)\)$|[,:(]?单位[:为]?(万?元)\)?$")


def _folded(heading: str) -> str:
    """A heading without what differs from file to file: width, case, white space, marks for what is required."""
    return _OPTIONAL_MARKS.sub("", heading.translate(_WIDTH)).upper()


def _all_names() -> Iterator[tuple[str, Column]]:
    for column in COLUMNS:
        for name in (column.code, column.heading, *column.also):
            yield _folded(name), column


_BY_NAME: Mapping[str, Column] = MappingProxyType(dict(_all_names()))
_BY_NAME_WITHOUT_UNIT: Mapping[str, Column] = MappingProxyType(
    {_UNIT.sub("", name): column for name, column in _BY_NAME.items() if column.read == "ten_thousands"}
)


def column_named(heading: str) -> Column | None:
    """The item a heading of a file stands for, by code or by Chinese name; None if it is not of this layout."""
    folded = _folded(heading)
    known = _BY_NAME.get(folded) or _BY_NAME_WITHOUT_UNIT.get(_UNIT.sub("", folded))
    if known is None and (code := _CODE_IN_HEADING.search(folded)):
        known = _BY_NAME.get(code.group())
    return known


def _unit_in(heading: str) -> str | None:
    """The unit a heading names for its money: 元, 万元 or none."""
    found = _UNIT.search(_folded(heading))
    return (found[1] or found[2]) if found else None


# --- a file -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Uploader:
    """What the file does not say: who reports it, for where, and under which key parties are told apart.

    `key` makes the party's part of `source_id` an HMAC, so that the id can be shown without showing whom it means.
    """

    organisation: str
    region: str
    field: str
    key: bytes = dataclasses.field(repr=False)
    data_source_name: str | None = None
    data_source_code: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, the penalty it says, and (heading, fault) of cells unread."""

    number: int
    record: dict[str, Any]
    faults: tuple[tuple[str, Fault], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in one file: the cell's place in a row, and the heading as the file has it."""

    column: Column
    index: int
    heading: str
    read: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file in this layout. `faults` are those of the file as a whole; with an error among them there are no rows."""

    places: tuple[Place, ...]
    extra: tuple[str, ...]
    faults: tuple[Fault, ...]
    width: int
    _cells: Callable[[], Iterator[list[str]]]

    @property
    def readable(self) -> bool:
        """Whether the rows can be read at all."""
        return not any(fault.is_error for fault in self.faults)

    def rows(self, uploader: Uploader) -> Iterator[Row]:
        """The rows as penalties, in the order of the file; the header is row 1 and blank rows are passed over."""
        if not self.readable:
            return
        number = 0
        try:
            for number, cells in enumerate(self._cells(), start=1):
                if number > 1 and any(map(_said, cells)) and not self._is_header(cells):
                    yield self._row(number, cells, uploader)
        except csv.Error:
            yield Row(number + 1, {}, (("", Fault("", "quotes-broken")),))

    def column_of(self, at: str) -> str | None:
        """The heading, as this file has it, of the item a pointer into the record is about.

        An item the file has no column for is called by the heading of the layout; None if it is not of the layout.
        """
        column = _column_at("/decision_no" if at == "/source_id" else at)
        if column is None:
            return None
        return next((place.heading for place in self.places if place.column is column), column.heading)

    def told(self, row: Row, judged: Iterable[Fault]) -> list[tuple[str | None, Fault]]:
        """All faults of a row with their headings: its own, then those `judged` finds in its record.

        Left out is what only follows from a cell that could not be read, or from a missing decision number. Of a row
        whose cells do not line up with the header only that is told.
        """
        unread = [fault.pointer for _, fault in row.faults]
        said = [fault for fault in judged if not any(_within(fault.pointer, at) for at in unread)]
        if "/decision_no" in unread or any(fault.pointer == "/decision_no" and fault.is_error for fault in said):
            said = [fault for fault in said if fault.pointer != "/source_id"]
        return [*row.faults, *((self.column_of(fault.pointer), fault) for fault in said)]

    def _is_header(self, cells: Sequence[str]) -> bool:
        """Whether a row repeats the header, as codes under Chinese headings do."""
        return all(
            place.index < len(cells) and column_named(cells[place.index]) is place.column for place in self.places
        )

    def _row(self, number: int, cells: Sequence[str], uploader: Uploader) -> Row:
        record: dict[str, Any] = _from(uploader)
        faults: list[tuple[str, Fault]] = []
        if any(map(_said, cells[self.width :])):
            faults.append(("", Fault("", "row-too-long")))
        for place in self.places:
            text = _clean(cells[place.index]) if place.index < len(cells) else ""
            if text in _ABSENT:
                continue
            try:
                _put(record, place.column.pointer, _READERS[place.read](text))
            except _CellError as cause:
                faults.append((place.heading, Fault(place.column.pointer, cause.code, cause.details)))
        faults.extend((self.column_of(fault.pointer) or "", fault) for fault in _settle(record))
        if "data_source" not in record:  # name and code of one organ: never one from the file, one from the uploader
            record |= _source_of(uploader)
        _identify(record, uploader)
        return Row(number, record, tuple(faults))


def read_csv(raw: bytes) -> Sheet:
    """Read a CSV file of this layout.

    UTF-8 with or without BOM, UTF-16 with BOM, or GB18030; separated by comma, tab or semicolon.
    """
    text = _decoded(raw)
    if text is None:
        return _unread(Fault("", "encoding-unknown"))
    delimiter = max(",\t;", key=lambda mark: _recognised(_records(text, mark)))
    header = _first(_records(text, delimiter))
    if _recognised(iter([header])) < 3:
        return _unread(Fault("", "layout-unknown"))
    return _sheet(header, lambda: _records(text, delimiter))


def _unread(fault: Fault) -> Sheet:
    return Sheet((), (), (fault,), 0, lambda: iter(()))


def _decoded(raw: bytes) -> str | None:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _first(records: Iterator[list[str]]) -> list[str]:
    try:
        return next(records, [])
    except csv.Error:
        return []


def _recognised(records: Iterator[list[str]]) -> int:
    return sum(column_named(heading) is not None for heading in _first(records))


def _sheet(header: Sequence[str], cells: Callable[[], Iterator[list[str]]]) -> Sheet:
    places: list[Place] = []
    extra: list[str] = []
    for index, heading in enumerate(header):
        column = column_named(heading)
        if column is None:
            extra.extend([heading.strip()] if heading.strip() else [])
        else:
            in_yuan = column.read == "ten_thousands" and _unit_in(heading) == "元"
            places.append(Place(column, index, heading.strip(), "yuan" if in_yuan else column.read))
    return Sheet(tuple(places), tuple(extra), tuple(_header_faults(places)), len(header), cells)


def _header_faults(places: Sequence[Place]) -> Iterator[Fault]:
    held = [place.column for place in places]
    for column in COLUMNS:
        if column.needed and column not in held:
            yield Fault("", "column-missing", {"column": column.heading})
        if held.count(column) > 1:
            yield Fault("", "column-twice", {"column": column.heading})
    yield from (
        Fault("", "unit-assumed", {"column": _UNIT.sub("", place.column.heading)})
        for place in places
        if place.column.read == "ten_thousands" and _unit_is_open(place.heading)
    )


def _unit_is_open(heading: str) -> bool:
    """By its code a column is the standard's, in 万元; only a heading in words can leave its unit open."""
    return _unit_in(heading) is None and not _CODE_IN_HEADING.search(_folded(heading))


# --- a row --------------------------------------------------------------------------------------


def _from(uploader: Uploader) -> dict[str, Any]:
    return {
        "record_type": "penalty",
        "organisation": uploader.organisation,
        "region": uploader.region,
        "field": uploader.field,
    }


def _source_of(uploader: Uploader) -> dict[str, Any]:
    known = {"name": uploader.data_source_name, "credit_code": uploader.data_source_code}
    given = {name: text for name, text in known.items() if text is not None}
    return {"data_source": given} if given else {}


def _put(record: dict[str, Any], at: str, value: object) -> None:
    *path, last = at.split("/")[1:]
    for name in path:
        record = record.setdefault(name, {})
    record[last] = value


def _settle(record: dict[str, Any]) -> Iterator[Fault]:
    """Settle in place what one cell cannot tell: fillers for what does not apply, and which kind a licence suffered."""
    party = record.get("party", {})
    if party.get("kind") == "natural_person" and party.get("credit_code") == identifiers.PLACEHOLDER_CREDIT_CODE:
        del party["credit_code"]
    kinds = record.get("penalty_kinds")
    if kinds is None:
        return
    for name, needs in (("fine_yuan", {"03"}), ("confiscated_yuan", {"04", "05"})):
        if record.get(name) == "0.00" and needs.isdisjoint(kinds):
            del record[name]
    if _LICENCE in kinds:
        yield from _settle_licence(record)


_LICENCE = "06|08"
"""暂扣或者吊销 …: one kind before 2021, two since (处罚法 2021 art. 9)."""


def _settle_licence(record: dict[str, Any]) -> Iterator[Fault]:
    words = f"{record.get('penalty_content', '')} {record.get('licence', '')}"
    fits = [code for code, verb in (("06", "暂扣"), ("08", "吊销")) if verb in words]
    if len(fits) == 1:
        kinds = [fits[0] if kind == _LICENCE else kind for kind in record["penalty_kinds"]]
        record["penalty_kinds"] = list(dict.fromkeys(kinds))
    else:
        del record["penalty_kinds"]
        yield Fault("/penalty_kinds", "kind-ambiguous")


def _identify(record: dict[str, Any], uploader: Uploader) -> None:
    """Give the record its `source_id`: one decision may cover several parties, so the party is part of it."""
    number, party = record.get("decision_no"), record.get("party", {})
    whom = next((party[name] for name in _PARTY_KEYS if name in party), None)
    if number is not None and whom is not None:
        mark = hmac.new(uploader.key, whom.encode(), hashlib.sha256).hexdigest()[:12]
        record["source_id"] = f"{identifiers.normalise_document_no(number)}#{mark}"


_PARTY_KEYS = ("credit_code", "id_no", "organisation_code", "registration_no", "name")


# --- a cell -------------------------------------------------------------------------------------


class _CellError(ValueError):
    """A cell that does not say what its column asks for; becomes a Fault."""

    def __init__(self, code: str, **details: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


_ABSENT = frozenset(("", "/", "／", "无"))
_ODD_NEWLINE = re.compile("\r\n?")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _clean(cell: str) -> str:
    return _ODD_NEWLINE.sub("\n", cell).strip(" \t\n\u3000\xa0\u200b\ufeff")


def _said(cell: str) -> bool:
    return _clean(cell) not in _ABSENT


def _words(text: str) -> str:
    if _CONTROL.search(text):
        raise _CellError("control-character")
    return text


_FORCED_TEXT = re.compile(r"""="(.*)"|'(.*)""", re.DOTALL)
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+|[0-9]+\.0*", re.ASCII)


def _number(text: str) -> str:
    """A registration number. Scientific notation has lost digits (`4.20102E+17`) and is never taken."""
    forced = _FORCED_TEXT.fullmatch(text)
    text = _words((forced[1] or forced[2] or "") if forced else text)
    if _SCIENTIFIC.fullmatch(text.translate(_WIDTH)):
        raise _CellError("rounded-by-spreadsheet")
    return text


def _code(text: str) -> str:
    """A code with a check digit: without the blanks, full width and lower case that typing brings in."""
    return re.sub(r"\s", "", _number(text).translate(_WIDTH)).upper()


_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|([0-9]{2}))([0-9]{1,2})", re.ASCII)
_MIDNIGHT = re.compile(r"[ T]0{1,2}:00(:00)?(\.0+)?$")


def _day(text: str) -> str:
    """A date in one of the ways people write it, as ISO; 长期 is `LONG_TERM`."""
    if text in ("长期", "长期有效", "永久"):
        return LONG_TERM
    plain = _MIDNIGHT.sub("", text.translate(_WIDTH)).replace("年", "-").replace("月", "-").replace("日", "")
    found = _DAY.fullmatch(re.sub(r"\s*([-/.])\s*", r"\1", plain))
    if found and (found[5] is None or len(found[6]) == 2):
        month = found[2] or found[3] or found[4] or found[5]
        try:
            return date(int(found[1]), int(month), int(found[6])).isoformat()
        except ValueError:
            pass
    raise _CellError("cell-date")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit of money; the decimals allowed are those down to the fen."""

    zh: str
    en: str
    yuan: int
    places: int
    example: str


_YUAN = _Unit("元", "yuan", 1, 2, "2000.00")
_TEN_THOUSAND = _Unit("万元", "ten thousand yuan", 10_000, 6, "0.2")
_AMOUNT = re.compile(
    r"(?P<number>(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<decimals>[0-9]+))?)(?P<unit>万?元)?", re.ASCII
)


def _money(text: str, unit: _Unit) -> str:
    """An amount as yuan with two places, exact."""
    text = text.translate(_WIDTH)
    if "E" in text.upper() and _SCIENTIFIC.fullmatch(text):
        raise _CellError("rounded-by-spreadsheet")
    found = _AMOUNT.fullmatch(re.sub(r"\s", "", text))
    if not found or found["unit"] not in (None, unit.zh) or len(found["decimals"] or "") > unit.places:
        raise _CellError("cell-amount", unit_zh=unit.zh, unit_en=unit.en, places=unit.places, example=unit.example)
    return f"{Decimal(found['number'].replace(',', '')) * unit.yuan:.2f}"


def _known(name: str, text: str) -> str:
    """The code of a wording, or the code itself."""
    known = codelist(name)
    plain = _folded_wording(text)
    code = plain.lower() if plain.lower() in known else _wordings(name).get(plain)
    if code is None:
        raise _CellError("cell-wording", **_choices(known))
    return code


def _choices(known: Codelist) -> dict[str, str | int]:
    return {
        "known_zh": "、".join(entry.zh for entry in known),
        "known_en": ", ".join(f"{entry.zh} ({entry.en})" for entry in known),
    }


def _folded_wording(text: str) -> str:
    return re.sub(r"\s", "", text.translate(_WIDTH))


@functools.cache
def _wordings(name: str) -> Mapping[str, str]:
    """Every way the list's codes are called, folded."""
    lists = codelist(name)
    more = {text: entry.code for entry in lists for text in entry.more.get("also", "").split("|") if text}
    own = {entry.zh: entry.code for entry in lists}
    return MappingProxyType({_folded_wording(text): code for text, code in (more | own).items()})


_KIND_MARKS = re.compile(r"[;；、,，\n]+")
_LICENCE_KIND = re.compile(r"暂扣或者?吊销(许可证件?|执照|证照|许可证或者?执照)")
_OTHER_KIND = re.compile(r"其[他它](?:[-－—–―:：]+|[(（])(.+?)[)）]?")


def _kinds(text: str) -> list[str]:
    """处罚类别: wordings of the 2018 layout, of the law of 2021, or codes, several in one cell."""
    codes: list[str] = []
    for part in filter(None, map(str.strip, _KIND_MARKS.split(text))):
        # 其他-责令改正、通报: what follows 其他 and is no kind of its own belongs to it.
        code = _kind(part) or ("99" if codes[-1:] == ["99"] else None)
        if code is None:
            raise _CellError("cell-wording", **_choices(codelist("penalty_kinds")))
        codes.append(code)
    return list(dict.fromkeys(codes))


def _kind(part: str) -> str | None:
    plain = _folded_wording(part)
    if _LICENCE_KIND.fullmatch(plain):
        return _LICENCE
    other = _OTHER_KIND.fullmatch(part)
    if other:
        # The layout has no column value for the kinds new in 2021: 其他-限制从业 is how they are published.
        return _wordings("penalty_kinds").get(_folded_wording(other[1]), "99")
    return plain if plain in codelist("penalty_kinds") else _wordings("penalty_kinds").get(plain)


_READERS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "words": _words,
        "code": _code,
        "number": _number,
        "day": _day,
        "kinds": _kinds,
        "ten_thousands": lambda text: _money(text, _TEN_THOUSAND),
        "yuan": lambda text: _money(text, _YUAN),
        "party_kind": lambda text: _known("party_kinds", text),
        "id_type": lambda text: _known("id_types", text),
    }
)


# --- pointers -----------------------------------------------------------------------------------


def _within(at: str, whole: str) -> bool:
    return at == whole or at.startswith(whole + "/")


def _column_at(at: str) -> Column | None:
    """The item a pointer lies in, or the first one that lies in it."""
    inside = next((column for column in COLUMNS if _within(at, column.pointer)), None)
    return inside or next((column for column in COLUMNS if _within(column.pointer, at)), None)
