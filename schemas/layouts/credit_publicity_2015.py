"""双公示 (credit publicity): the layout of 2015 and 2016, twenty columns.

It tells neither what kind of party it was nor the type of violation, the code of the organ, or any amount; what cannot
be derived is left out. 行政相对人代码_2 and _3 are other numbers here than in the layout of 2018.
"""

from __future__ import annotations

from .columns import Column, Layout, lacking
from .penalties import JOINS, PENALTY_READERS, RECORD_TYPE, complete_older

COLUMNS: tuple[Column, ...] = (
    Column(
        "CF_WSH",
        "行政处罚决定书文号",
        "/decision_no",
        needed=True,
        also=("行政处罚决定文书号", "处罚决定书文号", "决定书文号"),
    ),
    Column("CF_CFMC", "案件名称", "/remarks", "case_name", also=("处罚名称",), aside=True),
    Column(
        "CF_CFLB1", "处罚类别1", "/penalty_kinds", "kinds", needed=True, also=("处罚类别", "行政处罚类别", "处罚类别_1")
    ),
    Column("CF_CFLB2", "处罚类别2", "/penalty_kinds", "kinds", also=("处罚类别_2",), aside=True),
    Column("CF_SY", "处罚事由", "/violation_facts", needed=True, also=("违法事实",)),
    Column("CF_YJ", "处罚依据", "/legal_basis", needed=True, also=("行政处罚依据",)),
    Column("CF_XDR_MC", "行政相对人名称", "/party/name", needed=True, also=("相对人名称", "当事人名称")),
    Column(
        "CF_XDR_SHXYM",
        "行政相对人代码_1(统一社会信用代码)",
        "/party/credit_code",
        "code",
        also=("行政相对人代码_1", "统一社会信用代码", "行政相对人统一社会信用代码"),
    ),
    Column(
        "CF_XDR_ZDM",
        "行政相对人代码_2(组织机构代码)",
        "/party/organisation_code",
        "code",
        also=("行政相对人代码_2", "组织机构代码"),
    ),
    Column(
        "CF_XDR_GSDJ",
        "行政相对人代码_3(工商登记码)",
        "/party/registration_no",
        "number",
        also=("行政相对人代码_3", "工商登记码", "工商注册号"),
    ),
    Column(
        "CF_XDR_SWDJ",
        "行政相对人代码_4(税务登记号)",
        "/party/tax_no",
        "number",
        also=("行政相对人代码_4", "税务登记号"),
    ),
    Column(
        "CF_XDR_SFZ",
        "行政相对人代码_5(居民身份证号)",
        "/party/id_no",
        "code",
        also=("行政相对人代码_5", "居民身份证号", "身份证号", "居民身份证号码"),
    ),
    Column(
        "CF_FR",
        "法定代表人姓名",
        "/party/legal_representative/name",
        also=("法定代表人", "法人代表"),
    ),
    Column("CF_JG", "处罚结果", "/penalty_content", needed=True, also=("行政处罚结果",)),
    Column("CF_JDRQ", "处罚决定日期", "/decided_on", "day", needed=True, also=("行政处罚决定日期", "决定日期")),
    Column("CF_XZJG", "处罚机关", "/organ/name", needed=True, also=("行政处罚机关", "作出处罚机关")),
    Column("CF_ZT", "当前状态", "/remarks", "state", also=("状态",), aside=True),
    Column("DFBM", "地方编码", "", also=("CF_DFBM",)),
    Column("SJC", "数据更新时间戳", "", also=("CF_SJC", "数据更新时间")),
    Column("BZ", "备注", "/remarks", also=("CF_BZ",)),
)

LAYOUT = Layout(
    code="credit-publicity-2015",
    zh="双公示行政处罚（2015 年版）",
    en="credit publicity of penalties (2015)",
    record_type=RECORD_TYPE,
    columns=COLUMNS,
    lacks=lacking(RECORD_TYPE, (column.pointer for column in COLUMNS if column.pointer)),
    readers=PENALTY_READERS,
    joins=JOINS,
    complete=complete_older,
)

BY_CODE = LAYOUT.by_code
