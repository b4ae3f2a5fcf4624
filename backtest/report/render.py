"""Pages: each is one self-contained HTML file, which opens offline and makes no network requests.

Each kind of page has a folder under ``pages/`` with its figures, template and script; ``kit/`` has what they share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backtest import format as words
from backtest.model.accounts import reason_in_words
from backtest.model.eligible_words import base_rate_from, base_rates_from
from backtest.model.significance import LEVEL, stands_out
from backtest.report.kit import embed
from backtest.report.kit.intervals import strip
from backtest.report.kit.settings_apart import settings_apart
from backtest.report.kit.unbroken import unbroken

if TYPE_CHECKING:
    import jinja2

ROOT = Path(__file__).parent
STYLES = ("kit/colours", "kit/base", "kit/tables", "kit/charts", "kit/plot", "kit/print")

FILTERS = (
    words.percent,
    words.points,
    words.points_range,
    words.outcome,
    words.share,
    words.threshold,
    words.probability,
    words.number,
    words.count,
    words.count_of,
    words.some,
    words.plural,
    words.share_of_cases,
    words.settings,
    words.objective_words,
    words.searched_words,
    settings_apart,
    base_rate_from,
    base_rates_from,
    words.day,
    words.long_day,
    words.moment,
    words.clock,
    reason_in_words,
    strip,
    words.length,
    words.period,
    words.parameter,
    words.settings_inline,
    unbroken,
)


def render(
    template: str,
    names: Sequence[str],
    data: Mapping[str, Any] | None,
    styles: Sequence[str] = STYLES,
    **values: object,
) -> str:
    """Render one page.

    Parameters
    ----------
    template : str
        The template, as a path below ``report/``.
    names : sequence of str
        The page's scripts, by path without ending, in the order of their use; the page is complete without them.
    data : mapping or None
        What the scripts read.
    styles : sequence of str
        Style sheets, by path without ending.
    **values
        The values that the template uses.
    """
    from markupsafe import Markup

    sources = [embed.scripts(names)] if names else []
    return (
        _environment()
        .get_template(template)
        .render(
            style=Markup(embed.styles(styles)),
            sources=[Markup(source) for source in sources],
            data=Markup(embed.data_json(data)) if data is not None else None,
            policy=embed.policy(sources),
            **values,
        )
    )


def _plain(value: object) -> object:
    """Return any value that a template writes as plain text, unless it is markup already."""
    return words.plain(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    from backtest.report.kit.template_cache import kept_templates

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
        auto_reload=False,
        bytecode_cache=kept_templates(),
    )
    environment.globals["level"] = LEVEL
    environment.tests["standing_out"] = stands_out
    environment.filters.update({function.__name__: function for function in FILTERS})
    return environment
