"""The third story: a public-interest clue, what the organ it is about is shown, and the advice that moves it.

Its days lie in the autumn of 2026 and hold whenever the tour is run. The procuratorate is late once: the ten working
days for telling the giver pass over Mid-Autumn and the National Day and hold a Saturday that is worked, 10 October.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import httpx

from app.tour.stage import Client, Said, enter, node_of, report
from app.tour.telling import Json, heading, insist, show_node
from schemas.advice import Advice
from schemas.clue import Clue
from schemas.publishing import EXAMPLES

GIVER, PROCURATORATE, ORGAN = "police-city", "procuratorate-city", "market-city"

INFORMANT = "某某甲"
FILED: Sequence[Said] = (
    (PROCURATORATE, {"event": "registered", "occurred_at": "2026-09-14", "document_no": "武检公益线〔2026〕18号"}),
    (PROCURATORATE, {"event": "evaluated", "occurred_at": "2026-09-17"}),
    (
        PROCURATORATE,
        {"event": "administrative_filed", "occurred_at": "2026-09-21", "document_no": "武检行公立〔2026〕9号"},
    ),
)
TOLD: Sequence[Said] = (
    (PROCURATORATE, {"event": "served", "occurred_at": "2026-09-24"}),
    (PROCURATORATE, {"event": "fed_back", "occurred_at": "2026-10-13", "outcome": "filed"}),
)
REPLIED: Sequence[Said] = (
    (PROCURATORATE, {"event": "filed_upward", "occurred_at": "2026-10-15"}),
    (ORGAN, {"event": "replied", "occurred_at": "2026-10-26", "outcome": "rectifying"}),
)
FOLLOWED: Sequence[Said] = ((PROCURATORATE, {"event": "followed_up", "occurred_at": "2026-11-09"}),)


def tell(http: httpx.Client, clients: Mapping[str, dict[str, str]]) -> None:
    """Chapters 12 to 14."""
    bodies = {name: enter(http, clients[name]) for name in (GIVER, PROCURATORATE, ORGAN)}

    heading("12 公益诉讼线索 · A public-interest clue", "移送检察院，登记、评估、立案 · handed over, evaluated, filed")
    said = _clue()
    receipt = bodies[GIVER].post("/v1/records/clue", said)
    clue = f"/v1/records/clue/{receipt['id']}"
    print(f"  移送回执 receipt  {receipt['id']}")
    report(bodies, Clue, clue, FILED)
    bodies[ORGAN].get(clue, status=404)
    print(f"  {bodies[ORGAN].name}：立案决定书送达前，看不到该线索 · 404, nothing is shown before it is told")

    heading("13 分级披露 · Who is shown what", "送达后，被监督机关可见案情，不可见举报人 · the informant stays unseen")
    report(bodies, Clue, clue, TOLD)
    _compare(bodies[PROCURATORATE], bodies[ORGAN], clue)
    late = node_of(bodies[GIVER], clue, "clue_feedback")
    insist(late["state"] == "done_late", "the giver should have been told late")
    show_node(late)

    heading("14 检察建议 · Advice", "检察建议单独报送，以 refs 相连，线索随之推进 · advice of its own moves the clue")
    advice = f"/v1/records/advice/{bodies[PROCURATORATE].post('/v1/records/advice', _advice(said))['id']}"
    report(bodies, Advice, advice, REPLIED)
    show_node(node_of(bodies[ORGAN], advice, "advice_replied"))
    report(bodies, Clue, clue, FOLLOWED)
    moved = bodies[GIVER].get(clue)
    insist(moved["state"] == "following_up", f"the advice should have moved the clue: {moved['state']}")
    show_node(node_of(bodies[PROCURATORATE], clue, "clue_prosecute_adm"))


def _clue() -> Json:
    """The example of the police, of what an informant told them about a market."""
    said: Json = json.loads((EXAMPLES / "clue" / "police.json").read_text(encoding="utf-8"))
    return said | {
        "path": "administrative",
        "source": "complaint",
        "reporter": {"name": INFORMANT, "phone": "00000000000"},
        "harm": f"{INFORMANT}反映：市场内有商户{said['harm'].removeprefix('行为人')}",
        "ended_on": "2026-08-31",
        "assessed_on": "2026-09-10",
        "sent_on": "2026-09-11",
    }


def _advice(clue: Json) -> Json:
    """The example of urgent advice, made that to the organ which the clue is about."""
    said: Json = json.loads((EXAMPLES / "advice" / "public_interest.json").read_text(encoding="utf-8"))
    names = ("record_type", "organisation", "source_id")
    own = {
        "refs": [{"rel": "clue", **{name: clue[name] for name in names}}],
        "addressee": clue["supervised_organ"],
        "field": "market",
        "case_name": clue["case_name"],
        "case_facts": "经现场勘查、抽样检测，市场内多家商户使用工业松香加工禽肉并销售，众多消费者合法权益受到侵害。",
        "failings": "该局对食品生产经营活动负有监督管理职责，接到举报后未依法查处。",
        "legal_basis": "《中华人民共和国行政诉讼法》第二十五条第四款，《中华人民共和国食品安全法》第六条",
        "proposals": "依法查处违法商户，对市场内禽肉加工开展排查。",
        "decided_on": "2026-10-09",
        "served_on": "2026-10-12",
        "rectify_by": "2026-11-13",
    }
    return {name: value for name, value in (said | own).items() if name not in ("copied_to", "papers", "events")}


def _compare(procuratorate: Client, organ: Client, clue: str) -> None:
    """The record as the procuratorate reads it, and as the organ it is about does."""
    whole, masked = procuratorate.get(clue), organ.get(clue)
    insist(INFORMANT in str(whole["record"]) and INFORMANT not in str(masked), "the informant should be masked")
    insist(whole["digest"] == masked["digest"], "the digest should be that of the whole record")
    for reader, seen in ((procuratorate, whole), (organ, masked)):
        print(f"  {reader.name}  {seen['record']['reporter']['name']}  {seen['record']['harm'][:16]}…")
    print(f"  已遮蔽 masked  {', '.join(masked['masked'])}")
    print(f"  摘要相同 the same digest  {whole['digest'][:24]}…")
