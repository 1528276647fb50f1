"""Made-up transfers of suspected crimes between the demo organisations of Wuchang."""

from __future__ import annotations

from typing import Any

from app import demo
from tests import corpus

CITY_MARKET = demo.code_of("420100", 0)
MARKET = demo.code_of("420106", 2)
POLICE = demo.code_of("420106", 5)
CITY_POLICE = demo.code_of("420100", 4)
PROCURATORATE = demo.code_of("420106", 8)

Json = dict[str, Any]


_OF_THE_DECISION = (
    *("decision_no", "violation_type", "violation_facts", "legal_basis", "penalty_kinds", "penalty_content"),
    *("fine_yuan", "confiscated_yuan", "licence", "decided_on", "publicity_until", "data_source"),
)


def ref(record: Json) -> Json:
    """A tie to a record, by its type."""
    names = ("record_type", "organisation", "source_id")
    return {"rel": record["record_type"], **{name: record[name] for name in names}}


def undecided(n: int = 1, **changes: object) -> Json:
    """The n-th penalty of Wuchang's market supervision, filed on Monday 2 March 2026 and not decided."""
    own: dict[str, object] = dict.fromkeys(_OF_THE_DECISION) | {"filed_on": "2026-03-02", "clue_found_on": "2026-02-25"}
    return corpus.penalty(n, organisation=MARKET, region="420106", **{**own, **changes})  # type: ignore[arg-type]


def organ(code: str) -> Json:
    """An organ by the name it has in the demo."""
    (name,) = (row.name for _, row in demo.ORGANISATIONS if row.code == code)
    return {"name": name, "credit_code": code}


def transfer(n: int = 1, **changes: object) -> Json:
    """The n-th transfer of Wuchang's market supervision, sent and valid as it stands; None takes a member out."""
    rng = corpus.random(f"transfer {n}")
    said: Json = {
        "record_type": "transfer",
        "source_id": f"2026-移-{n:06}",
        "organisation": MARKET,
        "region": "420106",
        "field": "market",
        "organ": organ(MARKET),
        "addressee": organ(POLICE),
        "copied_to": organ(PROCURATORATE),
        "document_no": f"武昌市监移送〔2026〕{n}号",
        "case_name": f"武汉样例第{n}商贸有限公司涉嫌销售假冒注册商标的商品案",
        "offences": [{"name": "销售假冒注册商标的商品罪", "article": "第二百一十四条"}],
        "suspects": [
            {"name": f"武汉样例第{n}商贸有限公司", "kind": "legal_person", "credit_code": corpus.credit_code(rng)},
            {
                "name": f"样例嫌疑人{n}",
                "kind": "natural_person",
                "id_type": "resident_id",
                "id_no": corpus.resident_id(rng),
            },
        ],
        "suspected_facts": f"经查,武汉样例第{n}商贸有限公司销售假冒注册商标的样例商品,样例嫌疑人{n}为直接责任人。",
        "legal_basis": "《中华人民共和国刑法》第二百一十四条",
        "suspected_on": "2026-09-17",
        "team_named_on": "2026-09-17",
        "team": ["样例执法员甲", "样例执法员乙"],
        "reported_on": "2026-09-21",
        "approved_at": "2026-09-22T10:20:00+08:00",
        "sent_at": "2026-09-22T16:00:00+08:00",
        "copied_at": "2026-09-22T16:00:00+08:00",
        "materials": [
            {"kind": "transfer_letter", "name": "涉嫌犯罪案件移送书"},
            {"kind": "investigation_report", "name": "涉嫌犯罪案件情况的调查报告"},
        ],
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def not_sent(n: int = 1, **changes: object) -> Json:
    """The same as it is reported within the agency, before its head has approved it."""
    later = dict.fromkeys(("approved_at", "sent_at", "copied_at", "materials"))
    return transfer(n, **{**later, **changes})


def opinion(n: int = 1, **changes: object) -> Json:
    """An opinion of Wuchang's procuratorate that its market supervision should transfer a case."""
    own = {
        "opened_by": "procuratorate",
        "organisation": PROCURATORATE,
        "copied_to": None,
        "document_no": f"武昌检移意见〔2026〕{n}号",
        **dict.fromkeys(("suspected_on", "team_named_on", "team", "reported_on")),
    }
    return not_sent(n, **{**own, **changes})
