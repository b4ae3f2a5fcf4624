"""What a parameter's annotation allows, in words; the source is read, never evaluated."""

from __future__ import annotations

import ast
from pathlib import Path

from backtest.spec.validation import toml_value

KINDS = {
    "int": "whole number",
    "float": "number",
    "str": "text",
    "bool": "true or false",
    "date": "date",
    "Path": "file",
    "Any": "any value",
}
UNSET = "not set"
PACKAGE = Path(__file__).resolve().parents[2]
DEEPEST = 10
"""How many names that stand for other names are followed."""


class Names:
    """What the names of a module stand for, as far as its source and this package's source say."""

    def __init__(self, tree: ast.Module) -> None:
        self.values: dict[str, ast.expr] = {}
        self.imported: dict[str, tuple[str, str]] = {}
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.values[node.targets[0].id] = node.value
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                self.values[node.target.id] = node.value
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE.name}."):
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = (str(node.module), alias.name)

    def resolved(self, node: ast.expr) -> ast.expr:
        """Follow names assigned in the module, or in the module of this package that they are imported from."""
        for _ in range(DEEPEST):
            if not isinstance(node, ast.Name):
                break
            if node.id in self.values:
                node = self.values[node.id]
            elif node.id in self.imported:
                node = _elsewhere(*self.imported[node.id]) or node
                break
            else:
                break
        return node

    def shown(self, node: ast.expr) -> str:
        """Write a plain value as in TOML, any other as in the source."""
        try:
            value = ast.literal_eval(self.resolved(node))
        except (ValueError, TypeError, SyntaxError, RecursionError):
            return ast.unparse(node)
        return UNSET if value is None else toml_value(value)


def _elsewhere(module: str, name: str) -> ast.expr | None:
    path = PACKAGE.parent.joinpath(*module.split(".")).with_suffix(".py")
    if not path.is_file():
        return None
    node = ast.Name(name)
    found = Names(ast.parse(path.read_text(encoding="utf-8"))).resolved(node)
    return None if found is node else found


def annotation_words(annotation: ast.expr | None, names: Names) -> tuple[str, str]:
    """Return the kind of value that an annotation takes, and which values of that kind it allows.

    Returns
    -------
    kind : str
        ``"whole number"``, ``"list of dates"``; the annotation itself if it is not a plain one.
    allowed : str
        ``"1 to 2520"``, ``'"up" or "down"'``; empty if every value of the kind is allowed.
    """
    if annotation is None:
        return KINDS["Any"], ""
    node = names.resolved(annotation)
    if isinstance(node, ast.Constant) and isinstance(written := node.value, str):
        try:
            node = names.resolved(ast.parse(written, mode="eval").body)
        except SyntaxError:
            return written, ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _either([side for side in (node.left, node.right) if not _is_none(side)], names)
    if isinstance(node, ast.Subscript):
        return _subscript(node, names)
    last = node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)
    return KINDS.get(last, ast.unparse(node)), ""


def _subscript(node: ast.Subscript, names: Names) -> tuple[str, str]:
    outer = ast.unparse(node.value).rpartition(".")[2]
    inside = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if outer == "Literal":
        shown = [names.shown(one) for one in inside]
        kinds = {type(one.value).__name__ for one in inside if isinstance(one, ast.Constant)}
        return KINDS.get(kinds.pop(), "") if len(kinds) == 1 else "one of", _or(shown)
    if outer == "Optional":
        return annotation_words(inside[0], names)
    if outer == "Union":
        return _either([one for one in inside if not _is_none(one)], names)
    if outer == "Annotated":
        kind, allowed = annotation_words(inside[0], names)
        bounds = _bounds(inside[1:], names)
        return kind, ", ".join(text for text in (allowed, bounds) if text)
    if outer in ("list", "tuple", "Sequence", "set"):
        kind, allowed = annotation_words(inside[0], names)
        return f"list of {_plural(kind)}", allowed
    return ast.unparse(node), ""


def _either(sides: list[ast.expr], names: Names) -> tuple[str, str]:
    each = [annotation_words(side, names) for side in sides]
    return _or([kind for kind, _ in each]), _or([allowed for _, allowed in each if allowed])


def _bounds(metadata: list[ast.expr], names: Names) -> str:
    """Write the bounds of ``Field(ge=1, le=2520)``; other annotations give none."""
    found: dict[str, str] = {}
    for one in metadata:
        if isinstance(one, ast.Call) and ast.unparse(one.func).rpartition(".")[2] == "Field":
            found |= {word.arg: names.shown(word.value) for word in one.keywords if word.arg is not None}
    between = [f"{found.pop('ge')} to {found.pop('le')}"] if {"ge", "le"} <= found.keys() else []
    words = {
        "ge": "at least {}",
        "gt": "above {}",
        "le": "at most {}",
        "lt": "below {}",
        "multiple_of": "a multiple of {}",
        "min_length": "at least {} of them",
        "max_length": "at most {} of them",
    }
    return ", ".join(between + [text.format(found[key]) for key, text in words.items() if key in found])


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _or(words: list[str]) -> str:
    known = list(dict.fromkeys(words))
    return known[0] if len(known) == 1 else " or ".join(filter(None, (", ".join(known[:-1]), *known[-1:])))


def _plural(kind: str) -> str:
    return f"{kind}s" if kind in ("whole number", "number", "text", "date", "file") else f"({kind})"
