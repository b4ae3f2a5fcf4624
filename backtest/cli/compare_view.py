"""How a comparison reads in a terminal of 80 columns: what matters first, ten studies on one screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backtest.cli.console import GAP, NARROWEST, fits, print_table, print_text
from backtest.format import (
    NONE,
    count,
    length,
    parameter,
    period,
    plural,
    points,
    points_range,
    probability,
    settings,
    share,
)

WIDE = 5
"""Studies that fit side by side in 80 columns."""
MANY = 6
"""From so many studies on, what each is in full stands in the report alone."""
LONG = 14
"""From so many studies on, settings and further horizons stand in the report alone, so that 60 lines are enough."""
SHORTEST = 28
"""Characters of a timeline; what is not longer is never cut."""
SORTED_BY = {
    "p": "most remarkable first",
    "excess": "highest excess first",
    "hits": "highest hit rate first",
    "n": "most events first",
    "name": "by name",
    "given": "as named",
}
Content = Mapping[str, Any]


def print_comparison(content: Content) -> None:
    """Print ranking, sentences, what differs, shared events, every horizon and the notes.

    Parameters
    ----------
    content : mapping
        As `compare_json` gives it.
    """
    from backtest.cli.study_view import SIMULATED, print_ledger, print_lookahead

    studies = content["studies"]
    fake = sum(bool(study["dataset"]["synthetic"]) for study in studies)
    if fake:
        some = f"SIMULATED DATA in {fake} of {len(studies)} studies: their returns mean nothing."
        print_text(SIMULATED if fake == len(studies) else some, bold=True)
    for study in studies:
        print_lookahead(study["lookahead"])
    _print_ranking(content)
    print_text()
    print_text(content["verdict"], bold=True)
    print_text(content["differences_verdict"], bold=True)
    for one in content.get("ledger", ()):
        print_ledger({"ledger": one})
    print_text()
    if len(studies) < MANY:
        _print_studies(studies)
    _print_parameters(content)
    if len(studies) < MANY:
        _print_timeline(studies)
    _print_shared(content)
    _print_horizons(content)
    for note in content["notes"]:
        print_text(f"Note ({note['about']}): {note['text']}")
    print_text()


def _print_ranking(content: Content) -> None:
    horizon, rows = content["horizon"], content["ranking"]
    about = f" ({length(horizon)})" if isinstance(horizon, int) else ""
    over = f" over {period(horizon)}{about}" if horizon else ""
    heads = ("study", "n", "excess", "95% interval", "hits", "base", "p", "p adj.")
    whose = "" if fits(heads, [_ranked(row) for row in rows]) else _strategy_of_all([row["study"] for row in rows])
    of = f" of {whose}" if whose else ""
    print_text(f"{len(rows)} studies{of}{over}{_on(content)}, {SORTED_BY[content['sort']]}", bold=True)
    words = list(dict.fromkeys(row["judges"] for row in rows))
    for word in words:
        if len(words) > 1:
            print_text(f"{word}s, ranked apart:" if word == words[0] else f"{word}s:")
        ranked = [_ranked(row) for row in rows if row["judges"] == word]
        print_table(heads, [(name.removeprefix(f"{whose} "), *cells) for name, *cells in ranked])


def _strategy_of_all(labels: Sequence[str]) -> str:
    """Return the word with which all labels begin, if more follows in each; else an empty text."""
    first = {label.partition(" ")[0] if " " in label else "" for label in labels}
    return first.pop() if len(first) == 1 else ""


def _on(content: Content) -> str:
    names = {study["dataset"]["name"] for study in content["studies"]}
    return f" on {names.pop()}" if len(names) == 1 else ""


def _ranked(row: Content) -> tuple[str, ...]:
    return (
        row["study"],
        count(row["n"]) if row["measured"] or not row["n_events"] else NONE,
        points(row["excess"]),
        points_range(row["ci_low"], row["ci_high"]).removesuffix(" pp"),
        share(row["hit_rate"]),
        share(row["base_hit_rate"]),
        probability(row["p_value"]),
        probability(row["p_adjusted"]),
    )


def _print_studies(studies: Sequence[Content]) -> None:
    for study in studies:
        nature = " (SIMULATED)" if study["dataset"]["synthetic"] else ""
        data = study["dataset"]["name"]
        print_text(f"{study['label']}: {study['title']}")
        span = f"{study['first']} to {study['last']}, on {data}{nature}"
        print_text(f"  {_events(study)}, {span}" if "panel" not in study else f"  {_events(study)}\n  {span}")
    print_text()


def _events(study: Content) -> str:
    """Return how many events a study has; on a panel over how many assets and dates they are spread, too."""
    events = plural(study["n_events"], "event")
    if "panel" not in study:
        return events
    of = study["panel"]
    if not study["n_events"]:
        return f"no event on {plural(of['assets'], 'asset')}"
    return f"{events} on {count(of['n_assets'])} of {plural(of['assets'], 'asset')} and {plural(of['n_dates'], 'date')}"


def _print_timeline(studies: Sequence[Content]) -> None:
    """Print one row a study: when its events were, all on one scale of time."""
    from backtest.cli.strips import MARKS, strip

    named = [str(day)[:10] for study in studies for day in (study["first"], study["last"], *study["events"]) if day]
    first, last = min(named), max(named)
    room = max(NARROWEST - max(len(name) for name in ("study", *(study["label"] for study in studies))) - GAP, SHORTEST)
    rows = [(study["label"], strip(study["events"], first, last, room)) for study in studies]
    print_text(f"Events from {first} to {last}: {MARKS[1]} one, {MARKS[2]} two or three, {MARKS[3]} more.")
    print_table(("study", ""), rows, left=(0, 1))
    print_text()


def _print_parameters(content: Content) -> None:
    differing, studies = content["differing"], content["studies"]
    if len(studies) >= LONG:
        what = f"Settings that differ: {', '.join(differing)}. " if differing else ""
        print_text(f"{what}Every setting and every horizon stands in the report.")
        print_text()
        return
    own = any(study["own"] for study in studies)
    if differing:
        rows: list[tuple[str, ...]] = [(key, *(_value(study, key) for study in studies)) for key in differing]
        headers: tuple[str, ...] = ("differs", *(study["label"] for study in studies))
        if not fits(headers, rows):  # otherwise names and values would break over lines
            rows = [(key, value, labels) for key in differing for value, labels in _by_value(studies, key)]
            headers = ("differs", "value", "studies")
        print_table(headers, rows, left=range(len(headers)))
    elif not own:
        print_text("All settings are the same.")
    if own and len(studies) < MANY:
        for study in studies:
            print_text(f"{study['label']}: {'; '.join(settings(study['own'])) or 'nothing else'}")
    elif own:
        print_text("What else each study sets stands in the report.")
    print_text()


def _by_value(studies: Sequence[Content], key: str) -> list[tuple[str, str]]:
    """Return each value of a setting with the studies that have it, the most common value first."""
    found: dict[str, list[str]] = {}
    for study in studies:
        found.setdefault(_value(study, key), []).append(study["label"])
    rows = sorted(found.items(), key=lambda item: -len(item[1]))
    others = len(rows[0][1]) > len(studies) / 2
    return [
        (value, f"the other {len(labels)}" if others and i == 0 else ", ".join(labels))
        for i, (value, labels) in enumerate(rows)
    ]


def _value(study: Content, key: str) -> str:
    return parameter(study["parameters"][key])


def _print_shared(content: Content) -> None:
    labels = [study["label"] for study in content["studies"]]
    if len(labels) > WIDE:
        return
    print_text(f"Events of the row's study that the column's study shares. {content['shared_rule']}")
    cells = [[count(n) for n in row] for row in content["shared"]]
    whose = "" if fits(("", *labels), [(labels[0], *cells[0])]) else _strategy_of_all(labels)
    short = [label.removeprefix(f"{whose} ") for label in labels]
    print_table((whose, *short), [(label, *row) for label, row in zip(short, cells, strict=True)])
    print_text()


def _print_horizons(content: Content) -> None:
    """Print the excess of every study at every horizon."""
    studies, horizons = content["studies"], content["horizons"]
    if len(studies) >= LONG:
        return
    counted = " in sessions" if all(isinstance(one, int) for one in horizons) else ""
    headers: tuple[str, ...] = ("study", *(str(horizon) for horizon in horizons))
    rows = [(study["label"], *(_excess(study, horizon) for horizon in horizons)) for study in studies]
    if not fits(headers, rows):  # a row a horizon then
        (_, *headers_across), *rows = zip(headers, *rows, strict=True)
        headers = ("horizon", *headers_across)
    print_text(f"Excess in points by horizon{counted}; * where its adjusted p is at most 0.05.")
    print_table(headers, rows)
    print_text()


def _excess(study: Content, horizon: int | str) -> str:
    from backtest.model.significance import stands_out

    row = next((row for row in study["horizons"] if row["horizon"] == horizon), None)
    if row is None:
        return ""
    star = "*" if stands_out(row["p_adjusted"]) and not row["doubt"] else ""
    return points(row["excess"]).removesuffix(" pp") + star
