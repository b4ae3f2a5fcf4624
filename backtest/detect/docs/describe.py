"""A detector's description, read from its source without running it.

A detector beside a strategy is a user's program; listing and showing it must not execute it. Built-in detectors are
read in the same way, so that both are shown alike.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import docstring_parser
from docstring_parser import DocstringStyle

from backtest.detect.docs.annotations import Names, annotation_words
from backtest.detect.docs.markup import Block, blocks, entries, folded
from backtest.detect.registry import builtin_names
from backtest.errors import DetectorFailed
from backtest.files import read_text

FUNCTION = "detect"
FOLDER = Path(__file__).parents[1] / "builtin"


@dataclass(frozen=True)
class Argument:
    """One parameter of a detector.

    Attributes
    ----------
    name : str
        The name, as in a strategy.
    kind : str
        The kind of value, in words: ``"whole number"``.
    allowed : str
        The allowed values, in words: ``"1 to 2520"``; empty if every value of the kind is allowed.
    required : bool
        Whether it has no default.
    default : str
        As in TOML; ``"not set"`` if it may be left out, empty if it is required.
    text : str
        Its description in the docstring, on one line.
    """

    name: str
    kind: str
    allowed: str
    required: bool
    default: str
    text: str


@dataclass(frozen=True)
class Described:
    """A detector as its source describes it.

    Attributes
    ----------
    name : str
        Its name in a strategy's ``use``.
    summary : str
        The docstring's first paragraph, on one line; empty without a docstring.
    description, returns, notes, examples : tuple of Block
        Paragraphs and literal blocks of the docstring's sections.
    arguments : tuple of Argument
        Its parameters, in their order.
    references : tuple of str
        One entry each, on one line.
    """

    name: str
    summary: str
    description: tuple[Block, ...]
    arguments: tuple[Argument, ...]
    returns: tuple[Block, ...]
    notes: tuple[Block, ...]
    examples: tuple[Block, ...]
    references: tuple[str, ...]


def builtin_files() -> dict[str, Path]:
    """Source files of the built-in detectors, by name."""
    return {name: FOLDER / f"{name}.py" for name in builtin_names()}


def describe(name: str, path: Path) -> Described:
    """Read a detector's description.

    Parameters
    ----------
    name : str
        Its name in a strategy's ``use``.
    path : Path
        Its source.

    Raises
    ------
    DetectorFailed
        The file cannot be read, is not valid Python, or has no function ``detect``.
    """
    tree = _parsed(path)
    function = next(
        (node for node in reversed(tree.body) if isinstance(node, ast.FunctionDef) and node.name == FUNCTION), None
    )
    if function is None:
        raise DetectorFailed(
            f"detector file '{path}' has no function '{FUNCTION}'.", "Define detect(prices, *, …) in the file itself."
        )
    doc = docstring_parser.parse(ast.get_docstring(function) or "", DocstringStyle.NUMPYDOC)
    sections = {
        key: "\n\n".join(one.description or "" for one in doc.meta if one.args[:1] == [key])
        for key in ("notes", "examples", "references")
    }
    # the library takes the first line as the summary; here it is the first paragraph
    gap = "\n\n" if doc.blank_after_short_description else "\n"
    summary, _, description = f"{doc.short_description or ''}{gap}{doc.long_description or ''}".partition("\n\n")
    texts = {name.strip(): folded(one.description or "") for one in doc.params for name in one.arg_name.split(",")}
    return Described(
        name,
        folded(summary),
        blocks(description),
        tuple(_arguments(function.args, Names(tree), texts)),
        blocks((doc.returns.description or "") if doc.returns else ""),
        blocks(sections["notes"]),
        blocks(sections["examples"]),
        entries(sections["references"]),
    )


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(read_text(path))
    except OSError as error:
        raise DetectorFailed(f"detector file '{path}' cannot be read: {error.strerror}.", "Check the path.") from error
    except (SyntaxError, ValueError, RecursionError) as error:
        raise DetectorFailed(f"detector file '{path}' is not valid Python: {error}.", "Fix the file.") from error


def _arguments(arguments: ast.arguments, names: Names, texts: dict[str, str]) -> list[Argument]:
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [*[None] * (len(plain) - len(arguments.defaults)), *arguments.defaults]
    pairs = [*zip(plain, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    found = []
    for argument, default in pairs[1:]:  # the first argument is the prices
        kind, allowed = annotation_words(argument.annotation, names)
        shown = "" if default is None else names.shown(default)
        found.append(Argument(argument.arg, kind, allowed, default is None, shown, texts.get(argument.arg, "")))
    return found
