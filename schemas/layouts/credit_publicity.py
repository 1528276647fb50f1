"""双公示 (credit publicity): the 2018 layout in which agencies already publish their penalties.

The layout is data: `COLUMNS`. What it holds of a penalty can be written back as a row of it (`cells`), under
`HEADINGS`; what it does not is named by `not_held`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

# Relative on purpose: the standard can be copied out of this repository and works under any name.
from ..codelists import codelist  # noqa: TID252
from ..faults import pointer  # noqa: TID252
from ..record import is_within  # noqa: TID252
from .cells import CellError, clean, is_said
from .columns import FROM_UPLOADER, Column, Layout, lacking
from .penalties import JOINS, PENALTY_READERS, RECORD_TYPE, complete, kinds, settled

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
        also=("行政处罚决定文书号", "处罚决定书文号", "决定书文号"),
    ),
    Column("CF_WFXW", "违法行为类型", "/violation_type", needed=True),
    Column("CF_SY", "违法事实", "/violation_facts", needed=True, also=("处罚事由",)),
    Column("CF_YJ", "处罚依据", "/legal_basis", needed=True, also=("行政处罚依据",)),
    Column("CF_CFLB", "处罚类别", "/penalty_kinds", "kinds", needed=True, also=("行政处罚类别",)),
    Column("CF_NR", "处罚内容", "/penalty_content", needed=True, also=("行政处罚内容",)),
    Column("CF_NR_FK", "罚款金额(万元)", "/fine_yuan", "ten_thousands"),
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
        also=("处罚机关代码",),
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

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "xy010101": "CF_XDR_MC",
        "xy010105": "CF_FRDB",
        "xy010107": "CF_FR_ZJLX",
        "xy010108": "CF_FR_ZJHM",
        "xy010133": "CF_XDR_SHXYM",
        "xy020101": "CF_CFJG",
        "xy020102": "CF_WSH",
        "xy020103": "CF_CFLB",
        "xy020104": "CF_SY",
        "xy020106": "CF_YJ",
        "xy020107": "CF_JDRQ",
        "xy020108": "BZ",
        "xy020109": "CF_WFXW",
        "xy020116": "CF_NR_FK",
        "xy020130": "CF_NR",
        "xy020133": "CF_GSJZQ",
        "xy020134": "CF_CFJGDM",
        "xy020135": "CF_SJLY",
        "xy020136": "CF_SJLYDM",
    }
)
"""Ids under which the national platform shows the same items, as seen in public code that reads its pages."""

LAYOUT = Layout(
    code="credit-publicity-2018",
    zh="双公示行政处罚（2018 年版）",
    en="credit publicity of penalties (2018)",
    record_type=RECORD_TYPE,
    columns=COLUMNS,
    lacks=lacking(RECORD_TYPE, (column.pointer for column in COLUMNS)),
    aliases=ALIASES,
    readers=PENALTY_READERS,
    joins=JOINS,
    complete=complete,
)

BY_CODE: Mapping[str, Column] = LAYOUT.by_code
HEADINGS: tuple[str, ...] = tuple(column.heading for column in COLUMNS)

# --- writing ------------------------------------------------------------------------------------


def cells(record: Mapping[str, Any]) -> list[str]:
    """A penalty as one row of the layout, the cells in the order of `HEADINGS`; "" where it says nothing.

    Kinds in the words of the layout, codes in the words of their lists, money in 万元 and exact, dates as ISO.
    """
    return [_cell(record, column) for column in COLUMNS]


def not_held(record: Mapping[str, Any]) -> list[str]:
    """Pointers of what a penalty says and a row of the layout cannot: items it has no column for, and texts that a
    cell would not give back as they are. Who reports it, for where, and its id come from whoever sends the file."""
    said = [at for name, value in record.items() for at in _ends(pointer(name), value)]
    without = [at for at in said if not any(is_within(at, column.pointer) for column in COLUMNS)]
    changed = [column.pointer for column in COLUMNS if not _comes_back(record, column)]
    return [at for at in without if not any(is_within(at, one) for one in FROM_UPLOADER)] + changed


def _ends(at: str, value: object) -> list[str]:
    """The pointers of a member that a column could have: lists as a whole."""
    if isinstance(value, Mapping) and any(is_within(column.pointer, at) for column in COLUMNS):
        return [end for name, member in value.items() for end in _ends(at + pointer(name), member)]
    return [at]


def _at(record: Any, at: str) -> Any:  # noqa: ANN401 – a member of JSON may be anything
    for name in at.split("/")[1:]:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record


def _cell(record: Mapping[str, Any], column: Column) -> str:
    value = _at(record, column.pointer)
    if value is None:
        return ""
    if column.read == "kinds":
        return _kinds_in_words(value, str(record.get("penalty_content", "")), str(record.get("licence", "")))
    return _WRITERS.get(column.read, str)(value)


def _comes_back(record: Mapping[str, Any], column: Column) -> bool:
    """Whether the cell says again what the record says."""
    value, text = _at(record, column.pointer), clean(_cell(record, column))
    if value is None or column.read == "kinds":
        return True
    try:
        return is_said(text) and PENALTY_READERS[column.read](text) == value
    except CellError:
        return False


def _kinds_in_words(codes: list[str], content: str, licence: str) -> str:
    """The kinds as the layout words them; as the law does where the layout's words would not tell them apart."""
    text = ";".join(_kind_in_words(code) for code in codes)
    if settled(kinds(text), content, licence) == codes:
        return text
    told_apart = {code: codelist("penalty_kinds").zh(code) for code in ("06", "08")}
    return ";".join(told_apart.get(code) or _kind_in_words(code) for code in codes)


def _kind_in_words(code: str) -> str:
    return codelist("penalty_kinds")[code].more["credit_publicity"]


def _ten_thousands(yuan: str) -> str:
    return f"{(Decimal(yuan) / 10_000).normalize():f}"


_WRITERS: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "ten_thousands": _ten_thousands,
        "party_kind": lambda code: codelist("party_kinds").zh(code),
        "id_type": lambda code: codelist("id_types").zh(code),
    }
)
