"""Read and check a manifest."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from backtest.data.manifest.manifest import Manifest
from backtest.data.manifest.rules import broken_rules
from backtest.errors import ManifestInvalid
from backtest.files import read_text
from backtest.spec.validation import explain, toml_value
from backtest.untyped import read_toml
from backtest.workspace import MANIFEST


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest of a dataset folder.

    Raises
    ------
    ManifestInvalid
        It cannot be read or is invalid; the message names file, key, value and rule.
    """
    path = folder / MANIFEST
    try:
        text = read_text(path, "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestInvalid(f"{path}: cannot be read: {error}.") from error
    manifest = parse_manifest(text, path)
    if manifest.name != folder.name:
        raise ManifestInvalid(
            f'{path}: name = {toml_value(manifest.name)}: must be the name of its folder, "{folder.name}".'
        )
    return manifest


def parse_manifest(text: str, path: Path) -> Manifest:
    """Parse and check the text of a manifest; `path` appears only in error messages.

    Raises
    ------
    ManifestInvalid
        The text breaks a rule; the message names file, key, value and rule.
    """
    try:
        content = read_toml(text)
    except ValueError as error:
        raise ManifestInvalid(f"{path}: is not TOML: {error}.") from error
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        message, hint = explain(error, Manifest)
        raise ManifestInvalid(f"{path}: {message}", hint) from error
    for message, hint in broken_rules(manifest):
        raise ManifestInvalid(f"{path}: {message}", hint)
    return manifest
