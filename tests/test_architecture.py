"""What keeps the code the way it is meant to be, where a machine can see it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "backtest").rglob("*.py"))
MAX_MODULE, MAX_FUNCTION, MEDIAN_MODULE = 300, 40, 110


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


def test_modules_are_one_idea():
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MAX_MODULE} == {}
    middle = sorted(length for name, length in lengths.items() if not name.endswith("__init__.py"))
    assert middle[len(middle) // 2] <= MEDIAN_MODULE


def test_functions_are_short():
    long = [
        f"{name_of(path)}: {node.name}: {length_of_body(node)}"
        for path in MODULES
        for node in functions(path)
        if length_of_body(node) > MAX_FUNCTION
    ]
    assert not long


def test_nothing_is_called_test():
    # pytest collects an imported function called test_…, and it passes
    named = [name_of(path) for path in MODULES if path.stem.startswith("test")]
    named += [f"{name_of(path)}: {n.name}" for path in MODULES for n in functions(path) if n.name.startswith("test")]
    assert not named


def test_everything_is_annotated():
    bare = []
    for path in MODULES:
        for node in functions(path):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            given = [one.arg for one in arguments if one.annotation is None and one.arg not in ("self", "cls")]
            if given or node.returns is None:
                bare.append(f"{name_of(path)}: {node.name}")
    assert not bare


def test_untyped_dictionaries_have_two_names():
    # JSON at the edges is Json, TOML values are Parameters; nothing else is a dictionary of anything.
    naming = [name_of(path) for path in MODULES if "dict[str, Any]" in path.read_text(encoding="utf-8")]
    assert naming == [str(Path("backtest/untyped.py"))]
    lines = (ROOT / "backtest/untyped.py").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "dict[str, Any]" in line] == [
        "Json = dict[str, Any]",
        "Parameters = dict[str, Any]",
    ]


SHARED_NAMES = {
    "__init__.py": "what a room is for",
    "__main__.py": "what `python -m` runs",
    "audit.py": "the look-ahead audit, and its command",
    "events.py": "episodes and events, and the command that lists them",
    "export.py": "claims as JSON, and the command that hands a result out",
    "expectations.py": "what futures said around the events: for the record, and on the page",
    "fedwatch.py": "CME FedWatch's odds, and their command",
    "figures.py": "what a page shows, arranged",
    "list_.py": "a command that lists",
    "notes.py": "remarks on a study: the noun, and how they come about",
    "page.py": "a page of its kind",
    "rarity.py": "how rare a condition is: counted, and drawn",
    "read.py": "read the thing of that room from disk",
    "result.py": "the typed result of that room",
    "run.py": "run a study, and its command",
    "tables.py": "Arrow tables: of a record, and of a study for it",
    "write.py": "write the thing of that room to disk",
}
"""File names that stand more than once, and the one thing that each means."""


def test_a_file_name_means_one_thing():
    names = [path.name for path in MODULES]
    assert {name for name in names if names.count(name) > 1} == SHARED_NAMES.keys()


def test_no_import_circle_in_the_functions_either():
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES
    }
    imports = {name: imported_by(path, modules) - {name} for name, path in modules.items()}
    while leaves := [name for name, others in imports.items() if not others & imports.keys()]:
        for name in leaves:
            del imports[name]
    assert not imports, "these import one another, or what does"


def imported_by(path: Path, modules: Mapping[str, Path]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in modules else node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & modules.keys()


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
    pytest.importorskip("importlinter", reason="import-linter comes with the 'lint' group")
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


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (["run", "streak5"], ["pandas", "vectorbt", "numba", "scipy", "plotly", "matplotlib", "backtest.handout"]),
        (["run", "streak5", "--no-trade"], ["backtest.trade", "difflib", "numpy.ma", "rich"]),
        (["events", "streak5"], ["jinja2", "rich"]),
    ],
)
def test_a_command_imports_nothing_that_it_does_not_need(tmp_path: Path, arguments, unneeded):
    code = (
        f"import sys\nfrom backtest.cli import status_of\nstatus_of({arguments})\n"
        f"print([m for m in {unneeded} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_command_looks_for_no_garbage_while_it_is_imported_nor_at_its_end():
    code = (
        "import atexit, gc\nfrom backtest.cli import main\n"
        "looks = lambda: sum(of['collections'] for of in gc.get_stats())\nbefore = looks()\n"
        "atexit.register(lambda: print(looks() - before, len(gc.get_objects())))\nmain(['show', 'streak5'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    looks, left = map(int, done.stdout.splitlines()[-1].split())
    assert looks <= 2
    assert left < 1000  # tens of thousands, unless what stays has been put aside


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
