"""The validator and the publisher, without any service: python -m schemas validate FILE…, python -m schemas publish.

Exit codes of validate: 0 everything valid, 1 faults found, 2 something could not be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from . import RECORD_TYPES
from .faults import Fault, Language
from .judging import judge
from .lifecycle import SHANGHAI
from .line import EVENT_FOR, judge_line
from .publishing import outdated, publish
from .reading import Reading, read_json

VALID, FAULTY, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m schemas", description="联动 exchange standard")
    commands = parser.add_subparsers(dest="command", required=True)
    validating = commands.add_parser("validate", help="judge files: JSON (one record or an array) or NDJSON")
    validating.add_argument("files", nargs="+", metavar="FILE", help="a file, or - for standard input")
    validating.add_argument("--type", dest="record_type", choices=list(RECORD_TYPES), help="what the records are")
    validating.add_argument("--language", choices=("zh", "en"), default="zh")
    publishing = commands.add_parser("publish", help="write JSON Schemas and rules under schemas/published/draft")
    publishing.add_argument("--check", action="store_true", help="only say whether they are current")
    given = parser.parse_args(arguments)
    if given.command == "publish":
        return _publish(check=given.check)
    today = datetime.now(SHANGHAI).date()
    return max(_validate(name, given.record_type, today, given.language) for name in given.files)


def _publish(*, check: bool) -> int:
    if not check:
        publish()
        return VALID
    for name in outdated():
        print(f"schemas/published/{name} is not current: python -m schemas publish", file=sys.stderr)
    return FAULTY if outdated() else VALID


def _validate(name: str, record_type: str | None, today: date, language: Language) -> int:
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as refused:
        print(f"{name}: {refused.strerror}", file=sys.stderr)
        return UNREADABLE
    worst, count, faulty = VALID, 0, 0
    for place, reading in _records(raw):
        count += 1
        code, faults = _judged(reading, record_type, today)
        worst, faulty = max(worst, code), faulty + (code != VALID)
        for fault in faults:
            print(_line(f"{name}{place}", fault, language))
    print(f"{name}: {count} records, {faulty} with errors · 共 {count} 条，{faulty} 条有错误", file=sys.stderr)
    return worst


def _records(raw: bytes) -> Iterator[tuple[str, Reading]]:
    """The records of a file with where they stand: one JSON text, an array of records, or one record a line."""
    whole = read_json(raw)
    lines = [(number, read_json(line)) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip()]
    if whole.unreadable is not None and _is_a_record_a_line([reading for _, reading in lines]):
        yield from ((f":{number}", reading) for number, reading in lines)
    elif isinstance(whole.value, list):
        for index, value in enumerate(whole.value):
            yield f"[{index}]", Reading(value, tuple(_inside(whole.faults, f"/{index}")))
    else:
        yield "", whole


def _is_a_record_a_line(lines: Sequence[Reading]) -> bool:
    """Whether at least half of the lines are objects by themselves: of a broken text over several lines few are."""
    whole = sum(isinstance(line.value, dict) for line in lines)
    return len(lines) > 1 and whole * 2 >= len(lines)


def _inside(faults: Sequence[Fault], prefix: str) -> Iterator[Fault]:
    for fault in faults:
        if fault.pointer == prefix or fault.pointer.startswith(prefix + "/"):
            yield Fault(fault.pointer.removeprefix(prefix), fault.code, fault.details)


def _judged(reading: Reading, record_type: str | None, today: date) -> tuple[int, Sequence[Fault]]:
    if reading.unreadable is not None:
        return UNREADABLE, (reading.unreadable,)
    if record_type is None and isinstance(reading.value, dict) and EVENT_FOR in reading.value:
        line = judge_line(reading.value, today, reading.faults)
        return FAULTY if line.errors else VALID, line.faults
    said = reading.value.get("record_type") if isinstance(reading.value, dict) else None
    name = record_type or (said if isinstance(said, str) else "")
    if name not in RECORD_TYPES:
        return FAULTY, (Fault("/record_type", "unknown-record-type", {"types": "、".join(RECORD_TYPES)}),)
    judgement = judge(name, reading.value, today, reading.faults)
    return FAULTY if judgement.errors else VALID, judgement.faults


def _line(place: str, fault: Fault, language: Language) -> str:
    kind = "" if fault.is_error else ("提示 " if language == "zh" else "warning ")
    fix = fault.fix(language)
    message = fault.message(language) + (f" – {fix}" if fix else "")
    return f"{place} {fault.pointer or '/'} {kind}{fault.code}: {message}"


if __name__ == "__main__":
    sys.exit(main())
