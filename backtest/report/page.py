"""Pages: one self-contained HTML file each, which opens offline and asks the network for nothing.

A page imports the figures of its own kind only: most runs draw one page and wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backtest.model import Record
from backtest.report import embed, words
from backtest.report.figures import run_figures

if TYPE_CHECKING:
    import jinja2

TEMPLATES = Path(__file__).parent / "templates"
STYLES = ("colours", "base", "tables", "charts", "print")
CLAIMS = ("colours", "base", "tables", "claims", "print")
DETECTOR = ("colours", "base", "tables", "specimen", "print")
CHARTS = ("dom", "words", "theme", "chart", "axes", "tables")
"""Scripts that every page with charts needs, in the order of their use."""
RUN = ("band", "path", "history", "strips", "outcomes", "rules", "expected", "equity", "run")

FILTERS = (
    words.percent,
    words.points,
    words.share,
    words.threshold,
    words.probability,
    words.number,
    words.count,
    words.count_of,
    words.plural,
    words.day,
    words.long_day,
    words.moment,
    words.clock,
    words.length,
    words.parameter,
)


def run_page(record: Record) -> str:
    """Draw the page of one recorded run.

    Parameters
    ----------
    record : Record
        As `backtest.record.read.read_run` returns it; nothing else is read.

    Returns
    -------
    str
        A whole HTML document.
    """
    figures = run_figures(record)
    return _render("run.html.j2", RUN, figures.charts, f=figures)


def compare_page(payload: Mapping[str, Any]) -> str:
    """Draw the page that puts 2 to 20 studies side by side."""
    from backtest.report.compare_figures import compare_figures

    figures = compare_figures(payload)
    return _render("compare.html.j2", ("compare",), figures.charts, f=figures)


def tune_page(payload: Mapping[str, Any]) -> str:
    """Draw the page of a tuned grid."""
    from backtest.report.tune_figures import tune_figures

    figures = tune_figures(payload)
    return _render("tune.html.j2", ("grid", "tune"), figures.charts, f=figures)


def claims_page(payload: Mapping[str, Any]) -> str:
    """Draw the page of judged claims, with the figures behind each verdict."""
    from backtest.report.claims_figures import claims_figures

    return _render("claims.html.j2", (), None, CLAIMS, f=claims_figures(payload))


def detector_page(payload: Mapping[str, Any], indexed: bool) -> str:
    """Draw the page of one detector; `indexed`: whether a list of all lies beside it."""
    from backtest.report.detector_figures import picture

    drawn = None if payload["picture"] is None else picture(payload["picture"])
    return _render("detector.html.j2", (), None, DETECTOR, f=payload, p=drawn, indexed=indexed)


def detector_index_page(rows: Sequence[Mapping[str, Any]]) -> str:
    """Draw the list of detectors, each with a link to its page, or with the reason why it has none."""
    return _render("detectors.html.j2", (), None, DETECTOR, rows=rows)


def index_page(runs: Sequence[Mapping[str, Any]]) -> str:
    """Draw the list of recorded runs, newest first as given, each with a link to its report."""
    return _render("index.html.j2", (), None, runs=runs)


def _render(
    template: str,
    names: Sequence[str],
    charts: Mapping[str, Any] | None,
    styles: Sequence[str] = STYLES,
    **values: object,
) -> str:
    from markupsafe import Markup

    sources = [embed.charting(), embed.scripts([*CHARTS, *names])] if names else []
    return (
        _environment()
        .get_template(template)
        .render(
            style=Markup(embed.styles(styles)),
            sources=[Markup(source) for source in sources],
            data=Markup(embed.data_json(charts)) if charts is not None else None,
            policy=embed.policy(sources),
            **values,
        )
    )


def _plain(value: object) -> object:
    """Whatever a template writes, but for what is markup already, is written as plain text."""
    return words.plain(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    from backtest.report.kept import kept_templates

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
        auto_reload=False,
        bytecode_cache=kept_templates(),
    )
    environment.filters.update({function.__name__: function for function in FILTERS})
    return environment
