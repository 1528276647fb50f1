"""Made-up advice of Wuchang's procuratorate to its market supervision."""

from __future__ import annotations

from typing import Any

from app import demo
from tests.transfers import MARKET, PROCURATORATE, organ

CITY_PROCURATORATE = demo.code_of("420100", 6)

Json = dict[str, Any]

SAID = ("addressee", "document_no", "case_source", "case_facts", "failings", "legal_basis", "proposals")
"""What an advice says once it is decided."""


def advice(n: int = 1, **changes: object) -> Json:
    """The n-th advice to correct what is unlawful, served on Friday 18 September 2026 and valid as it stands.

    None takes a member out.
    """
    said: Json = {
        "record_type": "advice",
        "source_id": f"2026-检建-{n:06}",
        "organisation": PROCURATORATE,
        "region": "420106",
        "field": "market",
        "kind": "rectification",
        "addressee": organ(MARKET),
        "document_no": f"武昌检建〔2026〕{n}号",
        "case_no": f"武昌检行监〔2026〕{n}号",
        "case_name": "行政处罚决定未按期送达监督案",
        "case_source": "履行法律监督职责中发现",
        "case_facts": "经调查核实,样例机关多件行政处罚决定未在法定期限内送达,有案卷、送达回证为证。",
        "failings": "未按期送达,影响当事人行使救济权利。",
        "legal_basis": "《中华人民共和国行政处罚法》第六十一条",
        "proposals": "建议逐件清理,补正送达,并建立送达期限提醒制度。",
        "objection_by": "2026-10-08",
        "investigation_on": "2026-08-03",
        "decided_on": "2026-09-16",
        "served_on": "2026-09-18",
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def draft(n: int = 1, **changes: object) -> Json:
    """The same before anything was decided but to look into it."""
    later = dict.fromkeys((*SAID, "objection_by", "decided_on", "served_on"))
    return advice(n, **{**later, "addressee": organ(MARKET), **changes})


def in_the_public_interest(n: int = 1, **changes: object) -> Json:
    """Advice before a public-interest suit, decided and served on the same days."""
    own = {
        "kind": "public_interest",
        "case_no": f"武昌检公〔2026〕{n}号",
        "case_name": "集贸市场食品安全行政公益诉讼案",
        "case_facts": "经现场勘查、抽样检测,样例集贸市场多家摊位销售的食品不合格,社会公共利益受到侵害。",
        "failings": "样例机关对集贸市场负有监督管理职责,接到举报后未依法查处。",
        "legal_basis": "《中华人民共和国食品安全法》第六条、第一百一十条",
        "proposals": "建议依法查处销售不合格食品的行为,加强集贸市场日常监管。",
        "objection_by": None,
        "rectify_by": "2026-12-18",
        "investigation_on": None,
    }
    return advice(n, **{**own, **changes})
