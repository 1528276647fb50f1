from pathlib import Path

import pytest

from app.settings import CHECKOUT, Settings, SettingsError, sqlalchemy_url

SERVER = "postgresql://clerk:secret@db.example:5433/liandong"


def settings(**environ: str) -> Settings:
    return Settings.from_environment(environ)


def refusal(**environ: str) -> str:
    with pytest.raises(SettingsError) as refused:
        settings(**environ)
    return str(refused.value)


def test_an_empty_environment_serves_demo_data_to_this_machine_alone() -> None:
    read = settings()

    assert (read.host, read.port, read.workers) == ("127.0.0.1", 8000, 1)
    assert read.data == CHECKOUT / "var"
    assert read.embedded
    assert read.demo
    assert read.address == "http://127.0.0.1:8000"


def test_a_variable_set_to_nothing_counts_as_not_set() -> None:
    names = ("HOST", "PORT", "DATA", "WORKERS", "DEMO", "BATCH_MEGABYTES", "BATCH_LINES")

    assert settings(DATABASE_URL="", **{f"LIANDONG_{name}": " " for name in names}) == settings()


def test_a_real_server_has_no_demo_data_unless_asked_for() -> None:
    assert not settings(DATABASE_URL=SERVER).demo
    assert not settings(DATABASE_URL=SERVER).embedded
    assert settings(DATABASE_URL=SERVER, LIANDONG_DEMO="1").demo


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "liandong.example"])  # noqa: S104
def test_demo_data_is_not_shown_to_other_machines(host: str) -> None:
    said = refusal(LIANDONG_HOST=host)

    assert "LIANDONG_HOST" in said
    assert "LIANDONG_DEMO=0" in said
    assert settings(LIANDONG_HOST=host, LIANDONG_DEMO="0").host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_demo_data_is_shown_on_every_loopback_address(host: str) -> None:
    assert settings(LIANDONG_HOST=host).demo


def test_the_address_is_one_a_browser_takes() -> None:
    assert settings(LIANDONG_HOST="::1", LIANDONG_PORT="9").address == "http://[::1]:9"
    assert settings(LIANDONG_HOST="0.0.0.0", LIANDONG_DEMO="0").address == "http://127.0.0.1:8000"  # noqa: S104


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "8000.5", "-1", "+8000", "8_000", "８０００", "9" * 40])
def test_a_port_that_is_none_is_refused_by_name(port: str) -> None:
    assert refusal(LIANDONG_PORT=port).startswith(f"LIANDONG_PORT={port}")


@pytest.mark.parametrize("workers", ["0", "-2", "many", "17"])
def test_a_number_of_workers_that_cannot_be_is_refused_by_name(workers: str) -> None:
    assert refusal(LIANDONG_WORKERS=workers).startswith(f"LIANDONG_WORKERS={workers}")


@pytest.mark.parametrize("number", ["0", "-1", "many", "9999999"])
@pytest.mark.parametrize(
    "name",
    [
        "LIANDONG_BATCH_MEGABYTES",
        "LIANDONG_BATCH_LINES",
        "LIANDONG_FILE_MEGABYTES",
        "LIANDONG_FILE_ROWS",
        "LIANDONG_ATTACHMENT_MEGABYTES",
    ],
)
def test_a_size_of_a_batch_file_or_attachment_that_cannot_be_is_refused_by_name(name: str, number: str) -> None:
    assert refusal(**{name: number}).startswith(f"{name}={number}")


def test_a_batch_may_be_of_256_megabytes_and_200000_lines_unless_said_otherwise() -> None:
    chosen = settings(LIANDONG_BATCH_MEGABYTES="16", LIANDONG_BATCH_LINES="5000")

    assert (settings().batch_megabytes, settings().batch_lines) == (256, 200_000)
    assert (chosen.batch_megabytes, chosen.batch_lines) == (16, 5000)


def test_a_file_may_be_of_64_megabytes_and_200000_rows_unless_said_otherwise() -> None:
    chosen = settings(LIANDONG_FILE_MEGABYTES="16", LIANDONG_FILE_ROWS="5000")

    assert (settings().file_megabytes, settings().file_rows) == (64, 200_000)
    assert (chosen.file_megabytes, chosen.file_rows) == (16, 5000)


def test_an_attachment_may_be_of_200_megabytes_unless_said_otherwise() -> None:
    assert settings().attachment_megabytes == 200
    assert settings(LIANDONG_ATTACHMENT_MEGABYTES="1024").attachment_megabytes == 1024


S3 = {
    "LIANDONG_S3_ENDPOINT": "https://s3.example.org:9000/",
    "LIANDONG_S3_BUCKET": "attachments",
    "LIANDONG_S3_REGION": "us-east-1",
    "LIANDONG_S3_ACCESS_KEY": "clerk",
    "LIANDONG_S3_SECRET_KEY": "very/secret+key",
}


def test_attachments_lie_in_the_data_folder_unless_a_bucket_is_named() -> None:
    chosen = settings(**S3).s3

    assert settings().s3 is None
    assert chosen is not None
    assert (chosen.endpoint, chosen.bucket, chosen.region) == (
        "https://s3.example.org:9000",
        "attachments",
        "us-east-1",
    )
    assert "very/secret" not in repr(settings(**S3))


@pytest.mark.parametrize("missing", S3)
def test_a_bucket_is_named_whole_or_not_at_all(missing: str) -> None:
    said = refusal(**{name: value for name, value in S3.items() if name != missing})
    only_one = refusal(**{missing: S3[missing]})

    assert said.startswith(f"{missing}: not set")
    assert "未设置" in said
    assert all(name in only_one for name in S3 if name != missing)
    assert "secret+key" not in said + only_one


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("LIANDONG_S3_ENDPOINT", "s3.example.org"),
        ("LIANDONG_S3_ENDPOINT", "ftp://s3.example.org"),
        ("LIANDONG_S3_ENDPOINT", "https://clerk:secret@s3.example.org"),
        ("LIANDONG_S3_ENDPOINT", "https://s3.example.org/secret"),
        ("LIANDONG_S3_BUCKET", "Attachments"),
        ("LIANDONG_S3_BUCKET", "a/secret"),
        ("LIANDONG_S3_REGION", "武汉"),
        ("LIANDONG_S3_ACCESS_KEY", "a secret"),
        ("LIANDONG_S3_SECRET_KEY", "a secret"),
    ],
)
def test_what_cannot_be_of_a_bucket_is_refused_by_name_in_both_languages_and_not_repeated(
    name: str, given: str
) -> None:
    said = refusal(**S3 | {name: given})

    assert said.startswith(name)
    assert "应为" in said
    assert "secret" not in said


@pytest.mark.parametrize("answer", ["yes", "true", "2", "on"])
def test_demo_is_answered_with_one_or_nought(answer: str) -> None:
    assert refusal(LIANDONG_DEMO=answer).startswith(f"LIANDONG_DEMO={answer}")


@pytest.mark.parametrize("host", ["http://here", "a b", "here/there", "武汉"])
def test_a_host_that_is_none_is_refused_by_name(host: str) -> None:
    assert refusal(LIANDONG_HOST=host).startswith(f"LIANDONG_HOST={host}")


def test_a_relative_data_folder_is_the_callers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert settings(LIANDONG_DATA="there").data == tmp_path / "there"


@pytest.mark.parametrize(
    ("given", "held"),
    [
        (SERVER, SERVER),
        (SERVER.replace("postgresql:", "postgresql+asyncpg:"), SERVER),
        ("postgresql:///liandong?host=/run/postgresql", "postgresql:///liandong?host=/run/postgresql"),
    ],
)
def test_both_forms_of_the_databases_address_are_held_as_the_driver_takes_them(given: str, held: str) -> None:
    assert settings(DATABASE_URL=given).database_url == held


@pytest.mark.parametrize(
    "url", ["mysql://a:secret@b/c", "db:5432/secret", "secret", "postgresql+psycopg://a:secret@b/c"]
)
def test_another_databases_address_is_refused_without_repeating_its_password(url: str) -> None:
    said = refusal(DATABASE_URL=url)

    assert said.startswith("DATABASE_URL")
    assert "secret" not in said


def test_a_port_in_the_databases_address_that_is_none_is_refused_without_repeating_the_password() -> None:
    said = refusal(DATABASE_URL="postgresql://a:secret@b:eighty/c")

    assert said.startswith("DATABASE_URL")
    assert "secret" not in said


@pytest.mark.parametrize(
    ("plain", "sqlalchemys"),
    [
        (SERVER, SERVER.replace("postgresql:", "postgresql+asyncpg:")),
        ("postgresql:///liandong", "postgresql+asyncpg:///liandong"),
        ("postgresql://b/c?sslmode=require", "postgresql+asyncpg://b/c?ssl=require"),
        ("postgresql://o@/c?host=/tmp/x&port=5432", "postgresql+asyncpg://o@/c?host=%2Ftmp%2Fx&port=5432"),
    ],
)
def test_sqlalchemy_gets_the_address_in_its_own_form(plain: str, sqlalchemys: str) -> None:
    assert sqlalchemy_url(plain) == sqlalchemys


def test_the_embedded_databases_address_is_known_once_it_is_started() -> None:
    before = settings()

    after = before.on("postgresql://liandong@/liandong?host=/tmp/x&port=5432")

    assert after.sqlalchemy_url.startswith("postgresql+asyncpg://liandong@/liandong?host=")
    assert after.demo
    with pytest.raises(SettingsError):
        _ = before.sqlalchemy_url


def test_a_token_for_the_gauges_is_long_enough_and_repeated_nowhere() -> None:
    token = "0123456789abcdef"

    assert settings().metrics_token is None
    assert settings(LIANDONG_METRICS_TOKEN=token).metrics_token == token
    assert token not in repr(settings(LIANDONG_METRICS_TOKEN=token))
    for wrong in (token[1:], token + " " + token, "令" * 16, "a" * 257):
        assert wrong not in refusal(LIANDONG_METRICS_TOKEN=wrong)
