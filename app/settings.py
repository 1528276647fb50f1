"""What the environment may say about a run, read once and checked."""

import dataclasses
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

CHECKOUT = Path(__file__).resolve().parent.parent

MOST_WORKERS = 16
MOST_BATCH_MEGABYTES = 2048
MOST_BATCH_LINES = 1_000_000
MOST_FILE_MEGABYTES = 1024
MOST_FILE_ROWS = 1_000_000
MOST_ATTACHMENT_MEGABYTES = 1024


class SettingsError(ValueError):
    """A setting cannot be used; the message names the variable and what it may be."""


@dataclass(frozen=True)
class S3:
    """A bucket for attachments in a store that speaks S3."""

    endpoint: str
    bucket: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """How this run is to be: where it listens, where it keeps its things, which database it uses.

    `database_url` is None for the embedded server, else a `postgresql://` address as asyncpg takes it. A batch is
    refused as too large beyond `batch_megabytes` (of 1024 × 1024 bytes) or `batch_lines`; beyond the default number of
    lines it may take more memory than the 64 MB it is meant to keep to. An uploaded file is refused beyond
    `file_megabytes`, and fails beyond `file_rows`; an attachment is refused beyond `attachment_megabytes`. Attachments
    lie in the data folder, or in the bucket `s3`. With `metrics_token` the gauges are read from other machines, too.
    """

    host: str
    port: int
    data: Path
    database_url: str | None
    workers: int
    demo: bool
    batch_megabytes: int
    batch_lines: int
    file_megabytes: int
    file_rows: int
    attachment_megabytes: int
    s3: S3 | None = None
    metrics_token: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings; raises SettingsError. A variable that is set but empty counts as not set."""
        given = {name: value.strip() for name, value in environ.items() if value.strip()}
        database_url = _database_url(given.get("DATABASE_URL"))
        settings = cls(
            host=_host(given.get("LIANDONG_HOST", "127.0.0.1")),
            port=_whole("LIANDONG_PORT", given.get("LIANDONG_PORT", "8000"), least=1, most=65535),
            data=_folder(given.get("LIANDONG_DATA")),
            database_url=database_url,
            workers=_whole("LIANDONG_WORKERS", given.get("LIANDONG_WORKERS", "1"), least=1, most=MOST_WORKERS),
            demo=_yes_or_no("LIANDONG_DEMO", given.get("LIANDONG_DEMO"), default=database_url is None),
            batch_megabytes=_whole(
                "LIANDONG_BATCH_MEGABYTES",
                given.get("LIANDONG_BATCH_MEGABYTES", "256"),
                least=1,
                most=MOST_BATCH_MEGABYTES,
            ),
            batch_lines=_whole(
                "LIANDONG_BATCH_LINES", given.get("LIANDONG_BATCH_LINES", "200000"), least=1, most=MOST_BATCH_LINES
            ),
            file_megabytes=_whole(
                "LIANDONG_FILE_MEGABYTES",
                given.get("LIANDONG_FILE_MEGABYTES", "64"),
                least=1,
                most=MOST_FILE_MEGABYTES,
            ),
            file_rows=_whole(
                "LIANDONG_FILE_ROWS", given.get("LIANDONG_FILE_ROWS", "200000"), least=1, most=MOST_FILE_ROWS
            ),
            attachment_megabytes=_whole(
                "LIANDONG_ATTACHMENT_MEGABYTES",
                given.get("LIANDONG_ATTACHMENT_MEGABYTES", "200"),
                least=1,
                most=MOST_ATTACHMENT_MEGABYTES,
            ),
            s3=_s3(given),
            metrics_token=_token("LIANDONG_METRICS_TOKEN", given.get("LIANDONG_METRICS_TOKEN")),
        )
        settings._refuse_demo_on_the_network()
        return settings

    @property
    def embedded(self) -> bool:
        """Whether this run is to start a PostgreSQL of its own."""
        return self.database_url is None

    @property
    def address(self) -> str:
        """The address a person on this machine opens in a browser."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def sqlalchemy_url(self) -> str:
        """The database's address as SQLAlchemy takes it. Raises SettingsError before the embedded one is known."""
        if self.database_url is None:
            raise SettingsError("the embedded database has no address before it is started")
        return sqlalchemy_url(self.database_url)

    @property
    def files(self) -> Path:
        """Where uploads lie until they were taken in."""
        return self.data / "files"

    def on(self, database_url: str) -> "Settings":
        """The same settings with the address of the database that was started for them."""
        return dataclasses.replace(self, database_url=_database_url(database_url))

    def _refuse_demo_on_the_network(self) -> None:
        # The demo clients' secrets are made to be pasted; a network that reaches us reaches them.
        if self.demo and not is_loopback(self.host):
            raise SettingsError(
                f"LIANDONG_HOST={self.host} can be reached from other machines, and demo data has clients whose "
                "secrets lie open: set LIANDONG_DEMO=0, or leave LIANDONG_HOST at 127.0.0.1"
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`. A name other than localhost is taken to be reachable."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def sqlalchemy_url(database_url: str) -> str:
    """A `postgresql://` address in SQLAlchemy's form for asyncpg."""
    parts = urlsplit(database_url)
    # SQLAlchemy hands the query on as arguments of asyncpg.connect, where libpq's `sslmode` is called `ssl`.
    query = [("ssl" if name == "sslmode" else name, value) for name, value in parse_qsl(parts.query)]
    # Not `_replace(...).geturl()`: urlunsplit would drop the empty host of `postgresql:///name`.
    rest = urlunsplit(("", "", parts.path, urlencode(query), ""))
    return f"postgresql+asyncpg://{parts.netloc}{rest}"


def _host(text: str) -> str:
    host = text.removeprefix("[").removesuffix("]")
    if not re.fullmatch(r"[A-Za-z0-9.:_%-]+", host):
        raise SettingsError(f"LIANDONG_HOST={text}: an address or a host name is needed, such as 127.0.0.1")
    return host


def _whole(name: str, text: str, *, least: int, most: int) -> int:
    # fullmatch, because int() would also take "1_000", "+8" and the digits of other scripts.
    if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
        return int(text)
    raise SettingsError(f"{name}={text}: a whole number from {least} to {most} is needed")


def _yes_or_no(name: str, text: str | None, *, default: bool) -> bool:
    if text is None:
        return default
    if text not in {"0", "1"}:
        raise SettingsError(f"{name}={text}: 1 (yes) or 0 (no) is needed")
    return text == "1"


def _token(name: str, text: str | None) -> str | None:
    # What is told does not hold what was given: it is a secret.
    if text is None or re.fullmatch(r"[!-~]{16,256}", text):
        return text
    raise SettingsError(f"{name}: 16 to 256 visible ASCII characters without a blank are needed")


_S3 = (
    "LIANDONG_S3_ENDPOINT",
    "LIANDONG_S3_BUCKET",
    "LIANDONG_S3_REGION",
    "LIANDONG_S3_ACCESS_KEY",
    "LIANDONG_S3_SECRET_KEY",
)


def _s3(given: Mapping[str, str]) -> S3 | None:
    # No message repeats what was given: two of the five are secrets, and people mix up which.
    missing = [name for name in _S3 if name not in given]
    if len(missing) == len(_S3):
        return None
    if missing:
        raise SettingsError(
            f"{', '.join(missing)}: not set, while others of LIANDONG_S3_… are; the five go together\n"
            f"未设置 {'、'.join(missing)}；五项 LIANDONG_S3_… 须同时设置，或者都不设置"
        )
    endpoint, bucket, region, access_key, secret_key = (given[name] for name in _S3)
    if not re.fullmatch(
        r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?|https?://\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?/?", endpoint
    ):
        raise SettingsError(
            "LIANDONG_S3_ENDPOINT: an address such as https://s3.example.org:9000 is needed, without a path\n"
            "LIANDONG_S3_ENDPOINT 应为 https://s3.example.org:9000 这样的地址，不带路径"
        )
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
        raise SettingsError(
            "LIANDONG_S3_BUCKET: 3 to 63 small letters, digits, dots and hyphens are needed\n"
            "LIANDONG_S3_BUCKET 应为 3 至 63 个小写字母、数字、点或连字符"
        )
    for name in _S3[2:]:
        if not re.fullmatch(r"[!-~]{1,256}", given[name]):
            raise SettingsError(
                f"{name}: 1 to 256 visible ASCII characters without a blank are needed\n"
                f"{name} 应为 1 至 256 个可见 ASCII 字符，不含空格"
            )
    return S3(endpoint.rstrip("/"), bucket, region, access_key, secret_key)


def _folder(text: str | None) -> Path:
    if text is None:
        return CHECKOUT / "var"
    if "\0" in text:
        raise SettingsError("LIANDONG_DATA: a folder's name has no NUL")
    return Path(text).expanduser().absolute()


def _database_url(text: str | None) -> str | None:
    if text is None:
        return None
    # The address may carry a password, so no message repeats it.
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in {"postgresql", "postgresql+asyncpg"}:
        raise SettingsError(
            "DATABASE_URL: an address that begins with postgresql:// or postgresql+asyncpg:// is needed, "
            "such as postgresql://user:password@host:5432/liandong"
        )
    url = f"postgresql://{rest}"
    try:
        _ = urlsplit(url).port
    except ValueError as bad:
        raise SettingsError("DATABASE_URL: the host or the port in it cannot be read") from bad
    return url
