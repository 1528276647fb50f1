"""Made-up reverse transfers between the demo organisations of Wuchang."""

from __future__ import annotations

from typing import Any

from app import demo
from tests import corpus
from tests.transfers import MARKET, POLICE, PROCURATORATE, organ

CITY_JUSTICE = demo.code_of("420100", 9)

Json = dict[str, Any]


def reverse_transfer(n: int = 1, **changes: object) -> Json:
    """The n-th opinion of Wuchang's procuratorate to its market supervision, served and valid as it stands.

    None takes a member out.
    """
    rng = corpus.random(f"reverse transfer {n}")
    said: Json = {
        "record_type": "reverse_transfer",
        "source_id": f"2026-检反-{n:06}",
        "organisation": PROCURATORATE,
        "region": "420106",
        "field": "market",
        "addressee": organ(MARKET),
        "copied_to": organ(CITY_JUSTICE),
        "document_no": f"武昌检行意〔2026〕{n}号",
        "case_name": "销售假冒注册商标的样例商品",
        "subjects": [
            {"name": f"武汉样例第{n}商贸有限公司", "kind": "legal_person", "credit_code": corpus.credit_code(rng)},
            {
                "name": f"样例被不起诉人{n}",
                "kind": "natural_person",
                "id_type": "resident_id",
                "id_no": corpus.resident_id(rng),
            },
        ],
        "offences": [{"name": "销售假冒注册商标的商品罪", "article": "第二百一十四条"}],
        "decision_no": f"武昌检刑不诉〔2026〕{n}号",
        "ground": "discretionary",
        "investigated_by": organ(POLICE),
        "violation_facts": "经查,当事人销售假冒注册商标的样例商品,犯罪情节轻微。",
        "legal_basis": "《中华人民共和国商标法》第六十条第二款",
        "opinion": "建议依法没收侵权商品,并处罚款。",
        "penalty_kinds": ["03", "05"],
        "not_prosecuted_on": "2026-09-01",
        "referred_on": "2026-09-03",
        "registered_on": "2026-09-04",
        "opinion_on": "2026-09-17",
        "served_on": "2026-09-18",
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def not_issued(n: int = 1, **changes: object) -> Json:
    """The same when it was only just decided not to prosecute: nobody has examined it yet."""
    later = ("addressee", "copied_to", "document_no", "violation_facts", "legal_basis", "opinion", "penalty_kinds")
    days = ("referred_on", "registered_on", "opinion_on", "served_on")
    return reverse_transfer(n, **{**dict.fromkeys((*later, *days)), **changes})


def handed_over(n: int = 1, **changes: object) -> Json:
    """What Wuchang's police found to be no crime, and handed over to its market supervision."""
    decided = ("decision_no", "ground", "investigated_by", "opinion", "not_prosecuted_on", "referred_on")
    issued = ("registered_on", "opinion_on", "served_on", "penalty_kinds")
    own = {
        "opened_by": "police",
        "organisation": POLICE,
        "source_id": f"2026-公移-{n:06}",
        "copied_to": organ(PROCURATORATE),
        "document_no": f"武昌公行移〔2026〕{n}号",
        "violation_found_on": "2026-09-14",
        "handed_over_on": "2026-09-16",
    }
    return reverse_transfer(n, **{**dict.fromkeys((*decided, *issued)), **own, **changes})
