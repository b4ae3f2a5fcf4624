"""The environment of the checks: Python, the kind of machine, and the versions of the dependencies."""

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
    "scipy",
    "vectorbt",
    "vectorbt-rust",
)


def versions() -> dict[str, str | None]:
    """Return the installed version of each dependency; None if it is not installed."""
    return {name: _version(name) for name in DEPENDENCIES}


def python_and_platform() -> tuple[str, str]:
    """Return the version of Python and its platform."""
    return f"{platform.python_implementation()} {platform.python_version()}", platform.platform()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
