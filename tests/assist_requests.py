"""Made-up requests for assistance between the demo organisations of Wuchang."""

from __future__ import annotations

from typing import Any

from tests import corpus
from tests.transfers import MARKET, PROCURATORATE, organ

Json = dict[str, Any]


def assist_request(n: int = 1, **changes: object) -> Json:
    """The n-th request of Wuchang's procuratorate to its market supervision, sent and valid as it stands.

    It names no day for the answer. None takes a member out.
    """
    rng = corpus.random(f"assist request {n}")
    said: Json = {
        "record_type": "assist_request",
        "source_id": f"2026-检协-{n:06}",
        "organisation": PROCURATORATE,
        "region": "420106",
        "field": "market",
        "addressee": organ(MARKET),
        "measures": ["obtain", "inquire"],
        "document_no": f"武昌检调证〔2026〕{n}号",
        "case_name": "样例农贸市场销售不合格食品",
        "legal_basis": "《人民检察院公益诉讼办案规则》第三十五条、第三十八条",
        "purpose": "核实样例农贸市场的历次检查和处罚情况。",
        "items": [{"name": "样例处罚案卷", "amount": "2卷"}, {"name": "样例检查记录"}],
        "subjects": [
            {"name": f"武汉样例第{n}商贸有限公司", "kind": "legal_person", "credit_code": corpus.credit_code(rng)},
            {
                "name": f"样例被询问人{n}",
                "kind": "natural_person",
                "id_type": "resident_id",
                "id_no": corpus.resident_id(rng),
            },
        ],
        "handlers": [{"name": "样例检察官甲", "phone": "027-00000000"}, {"name": "样例检察官助理乙"}],
        "sent_at": "2026-09-22T10:20:00+08:00",
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def draft(n: int = 1, **changes: object) -> Json:
    """The same as it is drafted: nobody but the procuratorate knows of it."""
    return assist_request(n, **{"sent_at": None, **changes})


def consultation(n: int = 1, **changes: object) -> Json:
    """A question of Wuchang's market supervision to its procuratorate."""
    own = {
        "opened_by": "agency",
        "organisation": MARKET,
        "source_id": f"2026-咨-{n:06}",
        "addressee": organ(PROCURATORATE),
        "measures": ["consult"],
        "document_no": f"武昌市监函〔2026〕{n}号",
        "purpose": "样例案件的销售金额如何认定。",
        "asked_on": "2026-09-22",
    }
    return assist_request(n, **{**dict.fromkeys(("sent_at", "legal_basis", "items", "handlers")), **own, **changes})
