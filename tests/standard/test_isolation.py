"""The standard stands by itself: an agency copies one folder and needs pydantic and Python."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import schemas

FOLDER = Path(schemas.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))

REFUSE_ALL_OTHERS = """
import importlib.abc
import sys

PYDANTIC = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"}
ALLOWED = {*sys.stdlib_module_names, *PYDANTIC}


class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        # What Python was built with lies in a module that its own list of modules does not name.
        if name.partition(".")[0] not in {*ALLOWED, "schemas"} and not name.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(f"{name} is not part of the standard", name=name)


sys.meta_path.insert(0, Refuse())
"""


def modules() -> list[str]:
    """Every module of the standard."""
    return ["schemas", *(one.name for one in pkgutil.walk_packages(schemas.__path__, "schemas."))]


def run(program: str, *, folder: Path = FOLDER.parent) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", REFUSE_ALL_OTHERS + program]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )


def test_every_module_of_the_standard_is_found() -> None:
    assert {f"schemas.{file.stem}" for file in FOLDER.glob("[a-z]*.py")} <= set(modules())


def test_the_standard_imports_with_pydantic_and_the_standard_library_alone() -> None:
    ran = run("import importlib\n" + "\n".join(f"importlib.import_module({name!r})" for name in modules()))

    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_hook_that_proves_it_refuses_others() -> None:
    ran = run("import orjson")

    assert "orjson is not part of the standard" in ran.stderr


def test_the_standard_judges_and_publishes_without_anything_else() -> None:
    ran = run("from schemas.__main__ import main\nraise SystemExit(main(['publish', '--check']))")

    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_folder_works_wherever_it_is_copied_and_whatever_it_is_called(tmp_path: Path) -> None:
    program = f"""
import shutil
from pathlib import Path
shutil.copytree({str(FOLDER)!r}, Path({str(tmp_path)!r}) / "standard", ignore=shutil.ignore_patterns("__pycache__"))
ALLOWED.add("standard")
sys.path.insert(0, {str(tmp_path)!r})
from standard.__main__ import main
assert not any(name.partition(".")[0] == "schemas" for name in sys.modules)
raise SystemExit(main(["validate", str(Path({str(tmp_path)!r}) / "standard/examples/penalty/decided.json")]))
"""
    ran = run(program, folder=tmp_path)

    assert ran.returncode in (0, 1), ran.stderr  # a clock before 2026 calls the example's dates future
    assert "Traceback" not in ran.stderr
    assert "1 records" in ran.stderr


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(level, module) of every import in a file, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(FOLDER)) for file in FILES])
def test_a_file_of_the_standard_reaches_the_others_relatively_and_nothing_outside(file: Path) -> None:
    depth = len(file.relative_to(FOLDER).parts)

    for level, module in imports(ast.parse(file.read_text(encoding="utf-8"))):
        if level:
            assert level <= depth, f"{module} lies outside the standard"
        else:
            assert module.partition(".")[0] in {*sys.stdlib_module_names, "pydantic", "pydantic_core"}, module


@pytest.mark.parametrize("record_type", schemas.RECORD_TYPES)
def test_record_types_do_not_import_each_other(record_type: str) -> None:
    others = [other for other in schemas.RECORD_TYPES if other != record_type]
    reached = {
        module
        for name in (record_type, f"{record_type}_rules")
        for _, module in imports(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8")))
    }

    assert reached
    assert reached.isdisjoint({name for other in others for name in (other, f"{other}_rules")})


def test_the_clock_is_read_at_the_doorway_alone() -> None:
    read = {
        file.name
        for file in FILES
        if "now(" in file.read_text(encoding="utf-8") or ".today(" in file.read_text(encoding="utf-8")
    }

    assert read <= {"__main__.py"}
