"""Made-up public-interest clues between the demo organisations of Wuhan."""

from __future__ import annotations

from typing import Any

from app import demo
from tests import corpus
from tests.transfers import MARKET, PROCURATORATE, organ

ECOLOGY = demo.code_of("420100", 3)
CITY_PROCURATORATE = demo.code_of("420100", 6)
OTHER_PROCURATORATE = demo.code_of("420102", 7)
OFFICE = demo.code_of("420100", 11)

Json = dict[str, Any]


def clue(n: int = 1, /, **changes: object) -> Json:
    """The n-th clue of the city's ecology bureau to Wuchang's procuratorate, sent and valid as it stands.

    It is about Wuchang's market supervision; a reporter and a minor are named. None takes a member out.
    """
    rng = corpus.random(f"clue {n}")
    said: Json = {
        "record_type": "clue",
        "source_id": f"2026-公益-{n:06}",
        "organisation": ECOLOGY,
        "region": "420106",
        "field": "ecology",
        "addressee": organ(PROCURATORATE),
        "supervised_organ": organ(MARKET),
        "document_no": f"武环函〔2026〕{n}号",
        "case_name": "样例河段倾倒固体废物",
        "source": "complaint",
        "domain": "ecology",
        "path": "administrative",
        "contact": {"name": f"样例联系人{n}", "phone": "027-00000000"},
        "reporter": {
            "name": f"样例举报人{n}",
            "phone": "00000000000",
            "id_type": "resident_id",
            "id_no": corpus.resident_id(rng),
            "address": "武昌区样例路1号",
        },
        "minors": [{"name": f"样例未成年人{n}", "school": "武昌区样例学校", "guardian": f"样例监护人{n}"}],
        "trade_secrets": "样例配方:某某助剂的配比",
        "place": {
            "region": "420106",
            "address": "武昌区样例河段",
            "longitude": "114.3055",
            "latitude": "30.5928",
            "datum": "cgcs2000",
        },
        "began_on": "2026-07-01",
        "harm": f"样例河段岸边堆放固体废物,样例举报人{n}反映渗水流入河道,样例未成年人{n}在附近受伤。",
        "damages": [{"kind": "waste", "amount": "120.5", "unit": "t"}],
        "loss_yuan": "86000.00",
        "wrongdoers": [
            {"name": f"武汉样例第{n}环保有限公司", "kind": "legal_person", "credit_code": corpus.credit_code(rng)},
            {
                "name": f"样例行为人{n}",
                "kind": "natural_person",
                "id_type": "resident_id",
                "id_no": corpus.resident_id(rng),
            },
        ],
        "actions_taken": [{"kind": "order", "taken_on": "2026-07-20", "document_no": f"武环责改〔2026〕{n}号"}],
        "evidence": [{"name": "现场照片"}],
        "assessed_on": "2026-08-31",
        "sent_on": "2026-09-01",
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def by_the_office(n: int = 1, /, **changes: object) -> Json:
    """A clue that a deputy raised, handed over by the office."""
    own = {
        "organisation": OFFICE,
        "source_id": f"2026-府检-{n:06}",
        "document_no": None,
        "source": "referred",
        "channel": "deputy",
        "referral_no": f"第{n}号建议",
        "reporter": None,
        "minors": None,
        "trade_secrets": None,
        "assessed_on": None,
    }
    return clue(n, **{**own, **changes})


def found_in_its_work(n: int = 1, /, **changes: object) -> Json:
    """A clue that Wuchang's procuratorate found itself."""
    own = {
        "organisation": PROCURATORATE,
        "source_id": f"2026-检公益-{n:06}",
        "document_no": None,
        "source": "case_handling",
        "contact": None,
        "reporter": None,
        "minors": None,
        "trade_secrets": None,
        "assessed_on": None,
        "sent_on": None,
    }
    return clue(n, **{**own, **changes})
