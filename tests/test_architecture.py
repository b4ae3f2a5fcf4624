"""What keeps the code the way it is meant to be, where a machine can see it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "backtest").rglob("*.py"))
MAX_MODULE, MAX_FUNCTION, MEDIAN_MODULE = 300, 40, 120


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length_of_body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the signature to the end, without the docstring."""
    assert node.end_lineno is not None
    length = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        assert first.end_lineno is not None
        length -= first.end_lineno - first.lineno + 1
    return length


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_is_short(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_MODULE


def test_modules_are_shorter_still_in_the_middle():
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES)
    assert lengths[len(lengths) // 2] <= MEDIAN_MODULE


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_are_short(path: Path):
    long = [f"{node.name}: {length_of_body(node)}" for node in functions(path) if length_of_body(node) > MAX_FUNCTION]
    assert not long


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_is_called_test(path: Path):
    # pytest collects an imported function called test_…, and it passes
    assert not path.stem.startswith("test")
    assert not [node.name for node in functions(path) if node.name.startswith("test")]


def test_only_one_file_imports_vectorbt_and_inside_a_function():
    naming = [path for path in MODULES if re.search(r"^\s*(import|from) vectorbt\b", path.read_text("utf-8"), re.M)]
    assert [name_of(path) for path in naming] == [str(Path("backtest/trade/portfolio.py"))]
    assert not re.search(r"^(import|from) vectorbt\b", naming[0].read_text("utf-8"), re.M)


def test_only_the_command_line_prints():
    printing = [
        name_of(path)
        for path in MODULES
        if "cli" not in path.parts and "__main__" not in path.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not printing


def test_data_folders_are_no_packages():
    # an installed top-level 'datasets' would fight with somebody else's
    for folder in ("strategies", "datasets", "reports"):
        assert not list((ROOT / folder).rglob("__init__.py"))


def test_imports_point_one_way():
    pytest.importorskip("importlinter", reason="import-linter comes with the 'lint' extra")
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom backtest.cli import status_of\nstatus_of(['--help'])\n"
        "heavy = 'numpy', 'pandas', 'pyarrow', 'vectorbt', 'pydantic', 'jinja2', 'rich'\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_run_imports_no_pandas(tmp_path: Path):
    code = (
        "import sys\nfrom backtest.cli import status_of\nstatus_of(['run', 'streak5'])\n"
        "print([m for m in ('pandas', 'vectorbt', 'numba', 'scipy', 'plotly') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_builtin_datasets_may_be_passed_on_or_carry_no_data():
    for manifest in sorted((ROOT / "datasets").glob("*/manifest.toml")):
        content = tomllib.loads(manifest.read_text(encoding="utf-8"))
        assert content["licence"]
        if not content["redistributable"]:
            tracked = subprocess.run(
                ["git", "ls-files", str(manifest.parent)], cwd=ROOT, capture_output=True, text=True, check=False
            )
            if tracked.returncode:
                pytest.skip("not a git checkout: which files are committed cannot be seen")
            assert [Path(line).name for line in tracked.stdout.split()] == ["manifest.toml"]
