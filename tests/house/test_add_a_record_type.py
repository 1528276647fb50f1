"""The list "Add a record type" of the README, followed to the letter on a copy of the checkout, is all there is to do.

What is written where, and what is run, is read from the list; here stands only what a type called `notice` has to say
at each of its places. Nothing is written that the list does not name, and all that the list names is written.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.settings import CHECKOUT
from tests.serving import Served, scratch, serving

LISTS = {"README.md": ("Add a record type", "<type>"), "README.zh-CN.md": ("增加一类记录", "<类型>")}
STEP = re.compile(r"^[0-9]+\. (.+(?:\n   .+)*)$", re.MULTILINE)
PLACE = re.compile(r"(?:`(?P<named>[^`]+)`|\[[^]]*\]\((?P<linked>[^)]+)\))[:：]")
COMMAND = re.compile(r"`(\.venv/bin/python [^`]+)`")

# What a notice says at each place -------------------------------------------------------------------------------------

TYPE = '''"""情况通报: an agency tells the procuratorate of something, and the procuratorate takes note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from .fields import PERSONAL, Day, text
from .lifecycle import Fact, Node, Party, Step
from .parts import Organ, names
from .record import CLOCK_EVENTS, CLOCK_KINDS, Event, EventKind, Record
from .rules import OF_EVERY_RECORD, not_in_the_future


class Notice(Record):
    """情况通报."""

    record_type: Literal["notice"]
    addressee: Organ
    subject: Annotated[str, text(200)]
    contact: Annotated[str, text(50), PERSONAL] | None = None
    sent_on: Day

    title: ClassVar = names("情况通报", "notice")
    events: ClassVar = {
        "sent": EventKind(Event, names("发出通报", "notice sent")),
        "noted": EventKind(Event, names("阅知", "noted")),
        **CLOCK_KINDS,
    }
    steps: ClassVar = (
        Step("sent", after=("received",), to="sent", by=(Party.AGENCY,)),
        Step("noted", after=("sent",), to="noted", by=(Party.PROCURATORATE,)),
        *(Step(event, after=("sent", "noted"), to=None, by=(Party.PROCURATORATE,)) for event in CLOCK_EVENTS),
    )
    nodes: ClassVar = (Node("notice_noted", names("阅知通报", "noting"), Party.PROCURATORATE, closes=("noted",)),)
    dates: ClassVar = {"sent_on": "sent"}
    pushed_by: ClassVar = (Party.AGENCY, Party.POLICE)
    rules: ClassVar = (not_in_the_future("/sent_on"), *OF_EVERY_RECORD)

    def parties(self, facts: Sequence[Fact] = ()) -> Mapping[Party, str]:
        """The agency that tells, and the procuratorate that is told."""
        return {Party.AGENCY: self.organisation, Party.PROCURATORATE: self.addressee.credit_code}

    def classified(self) -> Iterator[tuple[str, str]]:
        """Whom to ask."""
        yield "/contact", PERSONAL.kind
'''

LIMIT = """
[[limit]]
id = "notice_noted"
opens_on = ["sent"]
amount = 10
unit = "working_day"
basis = "本地约定"
basis_en = "Local agreement"
effective_from = 2024-12-27
level = "city"
region = "420100"
status = "local_default"
"""

# Monday 3 March 2025; ten working days later Monday 17 March.
EXAMPLE = """{
  "record_type": "notice",
  "source_id": "2025-通-000001",
  "organisation": "1142010000999999X0",
  "region": "420100",
  "field": "market",
  "addressee": {"name": "武汉市人民检察院", "credit_code": "114201000099999300"},
  "subject": "开展样例专项检查的情况",
  "contact": "样例联系人",
  "sent_on": "2025-03-03"
}
"""

HEADINGS = """path,zh,en,choices,note
source_id,记录编号,source id,,
organisation,报送单位统一社会信用代码,organisation,,
region,行政区划,region,,
field,执法领域,enforcement field,,
refs,关联记录,ref,,
refs.rel,关系,relation,,
refs.record_type,记录类型,record type,,
refs.organisation,报送单位统一社会信用代码,organisation,,
refs.source_id,记录编号,source id,,
addressee,受通报检察院,addressee,,
addressee.name,名称,name,,
addressee.credit_code,统一社会信用代码,credit code,,
subject,通报事项,subject,,
contact,联系人,contact,,
sent_on,发出日期,sent on,,
"""

TESTS = """from datetime import date

from schemas.judging import judge
from schemas.lifecycle import Fact, fold
from schemas.notice import Notice
from schemas.publishing import examples
from schemas.shipped import law

SENT = examples("notice")["sent"]


def test_a_notice_is_not_sent_in_the_future() -> None:
    assert judge("notice", SENT, date(2025, 3, 3)).errors == ()
    assert [fault.code for fault in judge("notice", SENT, date(2025, 3, 2)).errors] == ["future-date"]


def test_a_notice_is_noted_once_it_was_sent() -> None:
    facts = [Fact("noted", date(2025, 3, 4)), Fact("sent", date(2025, 3, 3))]

    assert fold(Notice.steps, facts).state == "noted"


def test_each_node_has_its_law() -> None:
    assert [row.basis for row in law().rows("notice_noted")] == ["本地约定"]
"""


def written(before: str) -> str:
    """The table of contents with one name more."""
    imported = before.replace("from .penalty import", "from .notice import Notice\nfrom .penalty import")
    return imported.replace('    "penalty": Penalty,\n', '    "penalty": Penalty,\n    "notice": Notice,\n')


SAID = {
    "schemas/<type>.py": TYPE,
    "schemas/examples/<type>/*.json": EXAMPLE,
    "schemas/headings/<type>.csv": HEADINGS,
    "tests/standard/test_<type>.py": TESTS,
}
"""What is new, by its place as the list names it."""
CHANGED: Mapping[str, Callable[[str], str]] = {
    "schemas/__init__.py": written,
    "schemas/law/limits.toml": lambda before: before + LIMIT,
}
"""What is there already, and what becomes of it."""
NAME, EXAMPLE_NAME = "notice", "sent"


# The list -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """One step: the place it is about, with `<type>` in it, and the commands it tells to run."""

    place: str | None
    commands: tuple[str, ...]


def listed(readme: str) -> list[Listed]:
    """The steps of the list in one README, in their order."""
    heading, blank = LISTS[readme]
    parts = re.split(r"^## (.+)$", (CHECKOUT / readme).read_text(encoding="utf-8"), flags=re.MULTILINE)
    section = dict(zip(parts[1::2], parts[2::2], strict=True))[heading]
    steps = []
    for text in STEP.findall(section):
        found = PLACE.match(text)
        place = None if found is None else found["named"] or found["linked"]
        steps.append(Listed(place and place.replace(blank, "<type>"), tuple(COMMAND.findall(text))))
    return steps


def named(place: str) -> str:
    """The file that a place of the list is for a notice."""
    return place.replace("<type>", NAME).replace("*", EXAMPLE_NAME)


def write(at: Path, place: str) -> None:
    """Do in a checkout what one step says of its place."""
    path = at / named(place)
    if place in CHANGED:
        before = path.read_text(encoding="utf-8")
        path.write_text(CHANGED[place](before), encoding="utf-8")
        assert path.read_text(encoding="utf-8") != before
    else:
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SAID[place], encoding="utf-8")


def run(at: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the list as it stands, in a checkout."""
    known = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DATABASE_URL")}
    known = {name: value for name, value in known.items() if not name.startswith("LIANDONG_")}
    return subprocess.run(command.split(), cwd=at, env=known, capture_output=True, text=True, check=False, timeout=100)


def digests(at: Path) -> dict[str, str]:
    """What each file of a checkout holds."""
    files = (path for path in at.rglob("*") if path.is_file() and not {"__pycache__", ".venv"} & {*path.parts})
    return {str(path.relative_to(at)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@dataclass(frozen=True)
class Grown:
    """A checkout with one type more, and which of its files are other than before or new."""

    place: Path
    touched: frozenset[str]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """A copy of what is kept of this checkout, after the list was followed."""
    place = tmp_path_factory.mktemp("grown") / "checkout"
    # Whoever owns the checkout: it is only read.
    listing = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    kept = subprocess.run(listing, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, kept.split("\0")):
        if (CHECKOUT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CHECKOUT / name, place / name)
    (place / ".venv").symlink_to(sys.prefix)
    before = digests(place)
    for step in listed("README.md"):
        if step.place is not None:
            write(place, step.place)
        for command in step.commands:
            done = run(place, command)
            assert done.returncode == 0, done.stderr
    after = digests(place)
    return Grown(place, frozenset(name for name, told in after.items() if before.get(name) != told))


# What it comes to -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("readme", LISTS)
def test_each_list_names_every_place_and_no_other(readme: str) -> None:
    places = [step.place for step in listed(readme) if step.place is not None]

    assert sorted(places) == sorted({*SAID, *CHANGED})


def test_both_lists_say_the_same_in_the_same_order() -> None:
    assert listed("README.md") == listed("README.zh-CN.md")


def test_the_list_ends_with_what_writes_down_what_follows_from_the_type() -> None:
    *_, last = listed("README.md")

    assert last.commands == (".venv/bin/python -m schemas publish", ".venv/bin/python -m app openapi")


def test_nothing_changes_for_a_new_type_but_what_is_listed_and_what_is_generated(grown: Grown) -> None:
    generated = {name for name in grown.touched if name.startswith(("schemas/published/", "openapi/"))}

    assert grown.touched - generated == {named(place) for place in (*SAID, *CHANGED)}
    assert generated >= {"openapi/openapi.json", "schemas/published/draft/notice.schema.json"}


def test_the_standard_knows_the_new_type_and_the_contract_is_current(grown: Grown) -> None:
    judged = run(grown.place, ".venv/bin/python -m schemas validate schemas/examples/notice/sent.json")
    contract = run(grown.place, ".venv/bin/python -m app openapi --check")
    tested = run(grown.place, ".venv/bin/python -m pytest -q --noconftest tests/standard/test_notice.py")

    assert (judged.returncode, contract.returncode, tested.returncode) == (0, 0, 0), judged.stderr + tested.stdout
    assert "1 records, 0 with errors" in judged.stderr
    assert "3 passed" in tested.stdout
    assert "/v1/records/notice" in (grown.place / "openapi/openapi.json").read_text(encoding="utf-8")


@pytest.fixture
def served(grown: Grown, tmp_path: Path) -> Iterator[Served]:
    """The service of the grown checkout, on a scratch folder and a free port."""
    with scratch(tmp_path) as data, serving(data, PYTHONPATH=str(grown.place)) as running:
        yield running


def test_a_record_of_the_new_type_is_pushed_read_watched_and_told_of(grown: Grown, served: Served) -> None:
    agency, procuratorate, auditor = map(served.client, ("market-city", "procuratorate-city", "auditor-city"))
    record = (grown.place / "schemas/examples/notice/sent.json").read_bytes()

    pushed = agency.post("/v1/records/notice", content=record, headers={"Content-Type": "application/json"})
    assert pushed.status_code == 201, pushed.text
    at = f"/v1/records/notice/{pushed.json()['id']}"

    read = procuratorate.get(at).json()
    assert (read["state"], read["record"]["contact"]) == ("sent", "样例联系人")
    assert auditor.get(at).json()["masked"] == ["/contact"]
    (node,) = procuratorate.get(f"{at}/nodes").json()["items"]
    assert (node["node"], node["due_at"]) == ("notice_noted", "2025-03-17T23:59:59+08:00")
    (late,) = procuratorate.get("/v1/nodes", params={"record_type": "notice", "state": "overdue"}).json()["items"]
    assert late["source_id"] == "2025-通-000001"

    told = procuratorate.post(f"{at}/events", json={"event": "noted", "occurred_at": "2025-03-18"})
    assert (told.status_code, told.json()["state"]) == (201, "noted"), told.text
    feed = agency.get("/v1/changes", params={"wait": 5, "types": "notice"}).json()["items"]
    assert {"record", "node"} <= {item["kind"] for item in feed}
    assert {item["record_type"] for item in feed} == {"notice"}
    assert agency.get("/v1/standard/notice/template.xlsx").content.startswith(b"PK")
    assert auditor.get(f"{at}/timeline").json()["standing"].startswith("2025-03-18 阅知")
