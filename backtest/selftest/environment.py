"""What the checks ran on: Python, the machine's kind, and the versions of what the package is built on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

DEPENDENCIES = (
    "click",
    "docstring_parser",
    "exchange_calendars",
    "jinja2",
    "narwhals",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "rich",
    "vectorbt",
    "vectorbt-rust",
)


def versions() -> dict[str, str | None]:
    """Return the installed version of each dependency; None where it is not installed."""
    return {name: _version(name) for name in DEPENDENCIES}


def python_and_platform() -> tuple[str, str]:
    """Return what Python it is, and what it runs on."""
    return f"{platform.python_implementation()} {platform.python_version()}", platform.platform()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
