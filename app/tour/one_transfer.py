"""The second story: a suspected crime between three bodies, and the auditor who sees where it stands.

Its days lie in the autumn of 2026 and hold whenever the tour is run: the holidays of Mid-Autumn (25 to 27 September)
and of the National Day (1 to 7 October) are among them, and both the agency and the police are late once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import httpx

from app.tour.stage import Client, Said, enter, node_of, report
from app.tour.telling import Json, heading, insist, show_node
from schemas.publishing import EXAMPLES
from schemas.transfer import Transfer

AGENCY, POLICE, PROCURATORATE, AUDITOR = "market-city", "police-city", "procuratorate-city", "auditor-city"
_SIDES = ((AGENCY, "行政机关 agency"), (POLICE, "公安机关 police"), (PROCURATORATE, "检察院 procuratorate"))

_STATES = {
    "open": "未到期 open",
    "due_soon": "临期 due soon",
    "overdue": "逾期 overdue",
    "done": "按期完成 done",
    "done_late": "逾期完成 done late",
    "waived": "免除 waived",
}

# Asked for on Thursday 24 September the material is due on Sunday the 27th, in the holiday, so with Monday; brought
# on Tuesday it begins the police's three days anew, which end in the holiday and so with Thursday 8 October.
EXAMINED: Sequence[Said] = (
    (POLICE, {"event": "received", "occurred_at": "2026-09-23T16:50:00+08:00", "receipt_no": "武公接〔2026〕112号"}),
    (
        POLICE,
        {
            "event": "material_requested",
            "occurred_at": "2026-09-24T09:30:00+08:00",
            "missing": ["interview_record"],
            "reason": "缺少当事人的询问笔录",
        },
    ),
    (AGENCY, {"event": "material_supplied", "occurred_at": "2026-09-29"}),
)
NOT_THEIRS: Json = {"event": "filed", "occurred_at": "2026-10-09", "document_no": "武公立字〔2026〕501号"}
REFUSED: Sequence[Said] = (
    (
        POLICE,
        {
            "event": "not_filed",
            "occurred_at": "2026-10-12",
            "document_no": "武公不立字〔2026〕36号",
            "reason": "认为主观明知的证据不足",
        },
    ),
    (POLICE, {"event": "notified", "occurred_at": "2026-10-12"}),
)
SUPERVISED: Sequence[Said] = (
    (AGENCY, {"event": "supervision_requested", "occurred_at": "2026-10-14"}),
    (PROCURATORATE, {"event": "supervision_accepted", "occurred_at": "2026-10-15"}),
    (
        PROCURATORATE,
        {"event": "reason_required", "occurred_at": "2026-10-19", "document_no": "武检不立理由〔2026〕4号"},
    ),
    (POLICE, {"event": "reason_given", "occurred_at": "2026-10-23", "reason": "当事人称不知系假冒，尚无其他证据"}),
    (PROCURATORATE, {"event": "filing_ordered", "occurred_at": "2026-10-28", "document_no": "武检通立〔2026〕2号"}),
    (POLICE, {"event": "filed", "occurred_at": "2026-11-06", "document_no": "武公立字〔2026〕533号"}),
)


def tell(http: httpx.Client, clients: Mapping[str, dict[str, str]]) -> None:
    """Chapters 8 to 11."""
    bodies = {name: enter(http, clients[name]) for name in (AGENCY, POLICE, PROCURATORATE, AUDITOR)}

    heading(
        "8 移送涉嫌犯罪 · A suspected crime is handed over",
        "案件尚未处罚，报送移送并以 refs 相连，处罚的期限随即中止 · the penalty's clock stands still",
    )
    crime = _hand_over(bodies[AGENCY])

    heading("9 公安机关审查 · The police examine it", "三方各报各的步骤 · each of the three reports its own steps")
    report(bodies, Transfer, crime, EXAMINED)
    _refuse(bodies[AGENCY], crime)
    report(bodies, Transfer, crime, REFUSED)
    late = node_of(bodies[AGENCY], crime, "police_decided")
    insist(late["state"] == "done_late", "the police should have been late")
    show_node(late)

    heading("10 立案监督 · The procuratorate supervises", "行政机关建议立案监督，检察院通知立案 · filing is ordered")
    report(bodies, Transfer, crime, SUPERVISED)

    heading("11 督查室看全程 · The auditor sees the whole case", f"GET {crime}/timeline  ({bodies[AUDITOR].name})")
    _follow(bodies[AUDITOR], f"{crime}/timeline", {bodies[name].organisation: side for name, side in _SIDES})


def _hand_over(agency: Client) -> str:
    """Push a penalty that is not decided and the transfer of the same case; return the latter's address."""
    crime = json.loads((EXAMPLES / "transfer" / "sent.json").read_text(encoding="utf-8"))
    case = _open_case(crime)
    names = ("record_type", "organisation", "source_id")
    crime["refs"] = [{"rel": "penalty", **{name: case[name] for name in names}}]

    penalty = f"/v1/records/penalty/{agency.post('/v1/records/penalty', case)['id']}"
    _show_clock("移送前 before", node_of(agency, penalty, "penalty_decided"))
    receipt = agency.post("/v1/records/transfer", crime)
    print(f"  移送回执 receipt  {receipt['id']}")
    stopped = node_of(agency, penalty, "penalty_decided")
    _show_clock("移送后 after", stopped)
    insist(stopped["state"] == "paused", "the penalty's clock should stand still")

    (stop,) = [item for item in agency.get(f"{penalty}/events")["items"] if item["event"]["event"] == "suspended"]
    insist(stop["party"] == "system" and stop["caused_by"] == receipt["id"], "the transfer should have stopped it")
    print(f"          {stop['event']['occurred_at'][:10]} 中止：{stop['event']['reason']}")
    print(f"          由平台 {stop['party']} 记入，因该移送而起 caused_by {stop['caused_by']}")
    return f"/v1/records/transfer/{receipt['id']}"


def _open_case(crime: Json) -> Json:
    """The example of a penalty that was filed and not decided, made that of the case which the transfer is of."""
    case: Json = json.loads((EXAMPLES / "penalty" / "filed.json").read_text(encoding="utf-8"))
    party = crime["suspects"][0] | {"legal_representative": {"name": crime["suspects"][1]["name"]}}
    return case | {"source_id": "2026-标-000317", "case_no": crime["case_no"], "party": party, "filed_on": "2026-09-07"}


def _show_clock(when: str, node: Json) -> None:
    print(f"  {when}  {node['title']} {node['node']}  {node['state']}  至 {node['due_at'] or '—'}")


def _refuse(agency: Client, record: str) -> None:
    """The agency tries to say what the police decided."""
    refusal = agency.post(f"{record}/events", NOT_THEIRS, 403)
    insist(refusal["code"] == "not-your-step", f"it should have been another's step: {refusal}")
    print(f"  {agency.name}代报“公安机关立案”被拒 · refused: 403 {refusal['code']} {refusal['title']}")


def _follow(auditor: Client, timeline: str, sides: Mapping[str, str]) -> None:
    """Where the case stands, its axis, and what is or was late on each side. `sides`: by the code of the organ."""
    case, english = auditor.get(timeline), auditor.get(timeline, "en")
    print(f"  {case['standing']}\n  {english['standing']}\n")
    for item, same in zip(case["items"], english["items"], strict=True):
        what = f"{item['title']} · {same['title']}"
        told = (
            _fell_due(item, what) if item["kind"] == "due" else f"{item['organisation_name'] or '平台 system'}  {what}"
        )
        print(f"  {item['at'][:10]}  {told}")

    print("\n  逾期 · Late")
    for organ, side in sides.items():
        late = [_in_words(item) for item in case["items"] if item.get("responsible") == organ and _is_late(item)]
        print(f"  {side}：{'；'.join(late) or '无 none'}")


def _fell_due(item: Json, what: str) -> str:
    state = "权利，不计逾期 a right" if item["advisory"] else _STATES[item["state"]]
    return f"{item['responsible_name']}  [到期 due] {what} — {state}{_done(item)}"


def _in_words(item: Json) -> str:
    return f"{item['title']}，至迟 {item['at'][:10]}，{_STATES[item['state']]}{_done(item)}"


def _done(item: Json) -> str:
    return f" {item['done_at'][:10]}" if item["done_at"] else ""


def _is_late(item: Json) -> bool:
    return item["state"] in ("overdue", "done_late")
