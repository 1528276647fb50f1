"""The command line: python -m app COMMAND."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app import contract_file, demo, exporting, importing, postgres, serving, tour
from app.callers import Role
from app.exchange import enrol
from app.exchange.bucket import BucketUnusable
from app.exchange.enrol import NewClient
from app.exchange.law_in_force import LawInForce
from app.exchange.recompute import Recomputation
from app.exchange.take_notice import OtherNoticeHeld, calendar_in_force, take_notice
from app.importing import NotImported, Wanted
from app.jobs.clock import PAUSE_SECONDS
from app.processes import log_to_stderr
from app.settings import Settings, SettingsError
from app.store import organisations
from app.store.engine import make_engine
from app.store.organisations import OrganisationRow
from schemas.codelists import codelist
from schemas.identifiers import credit_code_fault
from schemas.law import LawError
from schemas.shipped import law

T = TypeVar("T")

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="联动 Liandong")
organisation_cli = typer.Typer(no_args_is_help=True, help="Organisations that take part.")
calendar_cli = typer.Typer(no_args_is_help=True, help="Holiday notices, year by year.")
client_cli = typer.Typer(no_args_is_help=True, help="Clients that speak for an organisation.")
cli.add_typer(organisation_cli, name="organisations")
cli.add_typer(client_cli, name="clients")
cli.add_typer(calendar_cli, name="calendar")


_MENDABLE = (
    SettingsError,
    LawError,
    postgres.Unusable,
    serving.PortTaken,
    serving.DatabaseUnusable,
    BucketUnusable,
)


def say(line: str) -> None:
    """Tell whoever reads standard error, beside what the command is for."""
    print(line, file=sys.stderr, flush=True)


def stop(sentence: str, code: int = 2) -> typer.Exit:
    """The end of a command that cannot go on, with the sentence that says why."""
    print(sentence, file=sys.stderr)
    return typer.Exit(code)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Let what a person can mend end the command with its sentence instead of a traceback."""
    try:
        yield
    except _MENDABLE as reason:
        raise stop(str(reason), 1) from reason
    except postgres.AlreadyRunning as reason:
        print(f"Liandong is running already 服务已在运行: {reason}")
        raise typer.Exit(0) from reason


@contextlib.contextmanager
def database() -> Iterator[Settings]:
    """The settings of the environment with a database that answers and is of this release."""
    with explained(), serving.database(Settings.from_environment(os.environ), say) as settings:
        asyncio.run(serving.prepare(settings))
        yield settings


@cli.command()
def serve() -> None:
    """Serve until Ctrl-C, with a database of our own unless DATABASE_URL names one."""
    log_to_stderr()
    with explained(), contextlib.suppress(KeyboardInterrupt):
        serving.serve(Settings.from_environment(os.environ), say, _announce)


def _announce(settings: Settings) -> None:
    address = settings.address
    print(f"联动 Liandong          {address}")
    print(f"  documentation 接口文档  {address}/docs")
    print(f"  ready? 就绪检查         {address}/readyz")
    clients = demo.written_down(settings.data) if settings.demo else []
    if clients:
        _show_demo(address, settings.data / demo.FILE, clients)
    sys.stdout.flush()


def _show_demo(address: str, file: Path, clients: list[dict[str, str]]) -> None:
    print(f"\nDemo clients 演示客户端 ({file})")
    for one in clients:
        print(f"  {one['client_id']:<22}{one['client_secret']}  {one['role']:<14}{one['name']}")
    print("\nTry it 试一试")
    for line in tour.curl_lines(address, clients[0]):
        print(f"  {line}")


@cli.command("tour")
def tour_() -> None:
    """Show the whole story on a scratch folder: from a token to the life line of a case."""
    try:
        tour.walk()
    except tour.TourBroken as reason:
        raise stop(str(reason), 1) from reason


@cli.command()
def migrate() -> None:
    """Bring the database up to this release."""
    with database():
        pass


@cli.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="XLSX or CSV: 双公示 of 2018 or 2015, Wuhan's old template, or our own")],
    organisation: Annotated[str, typer.Option(help="Credit code of the organisation that reports it")],
    region: Annotated[str | None, typer.Option(help="Region code; the organisation's by default")] = None,
    field: Annotated[str | None, typer.Option(help="执法领域; the organisation's by default")] = None,
    on_change: Annotated[str | None, typer.Option(help="reject (default) or correct rows held otherwise")] = None,
    reason_code: Annotated[str | None, typer.Option(help="With correct: why, a code of the list reasons")] = None,
    reason_text: Annotated[str | None, typer.Option(help="With correct: why, in words")] = None,
    annotated: Annotated[Path | None, typer.Option(help="Where to put the workbook of the rejected rows")] = None,
) -> None:
    """Take in the records of a file. Ends with 0: all are held; 1: some were rejected; 2: none could be read."""
    wanted = Wanted(file, organisation, region, field, on_change, reason_code, reason_text, annotated)
    with database() as settings:
        try:
            imported = importing.import_file_at(settings, wanted, say)
        except NotImported as reason:
            raise stop(str(reason)) from reason
    for line in importing.about_the_file(imported):
        say(line)
    row = imported.followed.row
    if row.state == "failed":
        raise typer.Exit(2)
    for one in imported.rejected:
        print(*importing.told(one), sep="\n")
    print(importing.counted(row))
    raise typer.Exit(1 if row.rejected else 0)


class Layout(StrEnum):
    """In which columns records are written."""

    OWN = "liandong"
    CREDIT_PUBLICITY = "credit-publicity"


@cli.command()
def export(
    to: Annotated[Path, typer.Argument(help="The file to write: what ends in .csv or .xlsx")],
    organisation: Annotated[str, typer.Option(help="Credit code of the organisation whose view it is")],
    record_type: Annotated[str, typer.Option(help="Which type")] = "penalty",
    layout: Annotated[Layout, typer.Option(help="Our own, or that of credit publicity (双公示, 2018)")] = Layout.OWN,
    where: Annotated[list[str] | None, typer.Option(help="A filter of the search, name=value; any number")] = None,
) -> None:
    """Write the records a search finds, but those withdrawn, as CSV or XLSX; `import` reads it again."""
    filters = dict(one.partition("=")[::2] for one in where or ())
    asked = exporting.Asked(record_type, organisation, layout.value, filters, to)
    with database() as settings:
        try:
            exported = exporting.export(settings, asked)
        except exporting.NotExported as reason:
            raise stop(str(reason)) from reason
    for pointer, rows in sorted(exported.left_out.items()):
        say(f"{pointer}: {rows} 条记录的此项在该表样中没有位置 · not held by this layout in {rows} records")
    if exported.undecided:
        say(f"{exported.undecided} 条尚未作出决定，不属双公示范围，未写出 · not decided yet and so not written")
    if exported.masked:
        say(f"{exported.masked} 条记录已作脱敏处理，不能回传 · masked for this organisation, cannot be sent back")
    print(f"{exported.rows} records written 已写出 {exported.rows} 条记录")


@cli.command()
def recompute() -> None:
    """Compute open duties by the law of this release: after going back to an older one. The service may run."""
    with database() as settings, understood():
        count = asyncio.run(_recompute(settings))
    print(f"{count} records looked at 已核对 {count} 条记录")


async def _recompute(settings: Settings) -> int:
    engine = make_engine(settings.sqlalchemy_url)
    recomputation = Recomputation(engine, LawInForce(law()))
    count = 0
    try:
        await recomputation.adopt(datetime.now(UTC))
        while (computed := await recomputation.once(datetime.now(UTC))) != 0:
            count += computed or 0
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await engine.dispose()
    return count


@cli.command()
def openapi(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the committed copy is current")] = False,
) -> None:
    """Write openapi/openapi.json."""
    if not check:
        contract_file.write()
    elif not contract_file.is_current():
        raise stop("openapi/openapi.json is not current: python -m app openapi", 1)


@organisation_cli.command("list")
def list_organisations() -> None:
    """Show the organisations that take part."""
    with database() as settings:
        rows = asyncio.run(_with_connection(settings, organisations.every))
    for row in rows:
        print(row.code, row.role, row.region, row.field or "-", row.name, sep="\t")


@organisation_cli.command("add")
def add_organisation(
    code: Annotated[str, typer.Argument(help="Credit code")],
    name: str,
    role: Annotated[Role, typer.Option()],
    region: Annotated[str, typer.Option(help="Region code")],
    field: Annotated[str | None, typer.Option(help="执法领域, for agencies")] = None,
) -> None:
    """Let an organisation take part."""
    fault = credit_code_fault(code)
    if fault is not None:
        raise stop(f"{code}: not a credit code ({fault}) 统一社会信用代码不正确")
    for value, name_of_list in ((region, "regions"), (field, "fields")):
        if value is not None and value not in codelist(name_of_list):
            raise stop(f"{value}: not in the codelist {name_of_list} 不在代码表中")
    row = OrganisationRow(code, name, role, region, field)
    with database() as settings:
        added = asyncio.run(_with_connection(settings, lambda conn: organisations.add(conn, row, datetime.now(UTC))))
    if not added:
        raise stop(f"{code}: takes part already 该单位已登记", 1)


@client_cli.command("add")
def add_client(
    organisation: Annotated[str, typer.Argument(help="Credit code of the organisation")],
    client_id: Annotated[str, typer.Argument(help="The client's id")],
) -> None:
    """Make a client, and show its secret: once, for nobody can read it afterwards."""
    with database() as settings:
        made = asyncio.run(_with_connection(settings, lambda conn: _add_client(conn, organisation, client_id)))
    print(f"client_id      {made.client_id}\nclient_secret  {made.client_secret}")


@client_cli.command("disable")
def disable_client(client_id: Annotated[str, typer.Argument(help="The client's id")]) -> None:
    """Let a client in no more; its tokens end with it."""
    with database() as settings:
        found = asyncio.run(
            _with_connection(settings, lambda conn: enrol.disable_client(conn, client_id, datetime.now(UTC)))
        )
    if not found:
        raise stop(f"{client_id}: no such client 没有这个客户端", 1)


async def _add_client(conn: AsyncConnection, code: str, client_id: str) -> NewClient:
    row = await organisations.find(conn, code)
    if row is None:
        raise stop(f"{code}: no such organisation 没有这个单位")
    try:
        return await enrol.add_client(conn, row, client_id, datetime.now(UTC))
    except ValueError as taken:
        raise stop(str(taken), 1) from taken


@calendar_cli.command("list")
def list_calendar() -> None:
    """Show the years whose holidays are known: year, number, status, and whether release or site says so."""
    with database() as settings, understood():
        years = asyncio.run(_with_connection(settings, lambda conn: calendar_in_force(conn, law())))
    for one in years:
        print(one.notice.year, one.notice.number or "-", one.notice.status, one.origin, one.notice.title, sep="\t")


@calendar_cli.command("add")
def add_calendar(
    file: Annotated[Path, typer.Argument(help="A TOML file with one [[year]] table, as in schemas/law/calendar.toml")],
    replace: Annotated[bool, typer.Option("--replace", help="In the place of another notice of that year")] = False,
) -> None:
    """Take in the holiday notice of a year; a running service computes what it moves. Ends with 1: another is known."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as refused:
        raise stop(f"{file}: cannot be read 无法读取文件") from refused
    with database() as settings, understood():
        taken = functools.partial(take_notice, text=text, name=file.name, shipped=law(), replace=replace)
        try:
            notice, is_new = asyncio.run(_with_connection(settings, lambda conn: taken(conn, now=datetime.now(UTC))))
        except OtherNoticeHeld as held:
            differences = "\n".join(held.differences)
            raise stop(f"{held.year}: another notice is known; --replace 该年已有不同安排\n{differences}", 1) from held
    print(f"{notice.year}: {'taken in 已收入' if is_new else 'known already, nothing changed 已有相同安排，未作改动'}")


@contextlib.contextmanager
def understood() -> Iterator[None]:
    """Let what is wrong with a notice end the command with its lines."""
    try:
        yield
    except LawError as reason:
        raise stop(str(reason)) from reason


async def _with_connection(settings: Settings, do: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    engine = make_engine(settings.sqlalchemy_url)
    try:
        async with engine.begin() as conn:
            return await do(conn)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    cli()
