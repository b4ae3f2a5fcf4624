"""From a manifest to a dataset: fetch what is missing, then check, derive and store it as an import does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from backtest.data.files.source import Source
from backtest.data.ingest.importing import assemble, with_derived
from backtest.data.manifest.checks import Repairs
from backtest.data.manifest.manifest import Manifest
from backtest.data.manifest.read import read_manifest
from backtest.data.pull.cache import FOLDER, AnswerCache, Record, is_current
from backtest.data.pull.carried_over import earlier_sources, origin_of
from backtest.data.pull.http import Client, FetchFailed
from backtest.data.pull.providers import Request, fetch, requests_of, require_libraries, source_of
from backtest.data.pull.since import first_days, note_on
from backtest.data.pull.table import Table
from backtest.data.store.exclusive import writing
from backtest.data.store.lock import Lock, Origin
from backtest.errors import DataRefused, one_line
from backtest.workspace import MANIFEST, Workspace

Outcome = Literal["fetched", "unchanged", "kept"]
Progress = Callable[[int, int, str], None]
"""Called with the number of the current request, the number of requests, and what happens to it."""
NAMED = 4
"""Most series named in the line of a failed request."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The outcome of one request."""

    record: Record
    table: Table
    outcome: Outcome
    """``"kept"``: from the cache, as nothing can have changed since; ``"unchanged"``: requested, with equal result."""


@dataclass(frozen=True, eq=False)
class Pulled:
    """The dataset that was written, and the outcome of each request."""

    lock: Lock
    answers: Mapping[Request, Answer]


class PullFailed(DataRefused):
    """Some requests failed; the other answers are cached for the next pull, and the dataset is unchanged."""

    def __init__(self, dataset: str, failures: Sequence[str], requests: int) -> None:
        self.failures = [one_line(line) for line in failures]
        super().__init__(
            f"dataset '{dataset}': {len(failures)} of {requests} requests failed; the existing data are unchanged.",
            f"To continue with what is missing: backtest data pull {dataset}",
        )


def pull_dataset(
    name: str,
    workspace: Workspace | None = None,
    *,
    since: dt.date | None = None,
    refresh: bool = False,
    repairs: Repairs | None = None,
    client: Client | None = None,
    progress: Progress = lambda *_: None,
) -> Pulled:
    """Fetch a dataset's series from their providers; the existing data stay in place until all series are complete.

    Answers are cached under ``pulled/`` in the dataset's folder, and requested again only after another session has
    settled. Series without a provider are carried over from the existing dataset.

    Parameters
    ----------
    name : str
        The dataset's name, as in its manifest.
    workspace : Workspace, optional
        Where the manifest is looked up and the data are written; default: the workspace of the current folder.
    since : date, optional
        Fetched rows before this day are left out; for an existing series, rows before its first day.
    refresh : bool
        Request everything again.
    repairs : Repairs, optional
        Repairs besides those in the manifest; the lock file lists every row that they change.
    client : Client, optional
        The client that sends the requests.
    progress : callable, optional
        Called with the progress.

    Raises
    ------
    NotFound, ManifestInvalid
        There is no such manifest, or it is invalid.
    PullFailed
        A provider did not deliver what was requested.
    DataRefused
        The manifest names no provider, a library is missing, a value breaks a rule, or another import or pull is
        still writing the dataset after several seconds.
    """
    workspace = workspace or Workspace.find()
    folder, own = workspace.dataset(name), workspace.own_dataset(name)
    manifest = read_manifest(folder)
    if manifest.panel is not None:
        raise DataRefused(
            f"dataset '{name}': it has a panel, which no provider offers.",
            f"Import it: backtest data import {name} --from DIR",
        )
    pulled = {series: requests_of(spec) for series, spec in manifest.series.items() if spec.provider}
    if not pulled:
        raise DataRefused(f"dataset '{name}': its manifest names no provider to pull from.")
    with writing(own):  # from the first request: two pulls would send everything twice and undo each other
        return _pull(
            manifest, pulled, folder, own, since, refresh=refresh, repairs=repairs, client=client, progress=progress
        )


def _pull(
    manifest: Manifest,
    pulled: Mapping[str, Sequence[Request]],
    folder: Path,
    own: Path,
    since: dt.date | None,
    *,
    refresh: bool,
    repairs: Repairs | None,
    client: Client | None,
    progress: Progress,
) -> Pulled:
    offered_by_none = [series for series, spec in manifest.series.items() if not spec.inputs and series not in pulled]
    earlier, lock = earlier_sources(own, manifest, offered_by_none) if offered_by_none else ({}, None)
    absent = _absent(manifest, [series for series in offered_by_none if series not in earlier])
    client = client or Client()
    answers = _answers(
        manifest.name, pulled, AnswerCache(own / FOLDER), refresh=refresh, client=client, progress=progress
    )
    starts = first_days(own, pulled, since) if since else {}
    sources = _sources(manifest, pulled, answers, earlier, starts)
    origins = {series: _origin(manifest, series, pulled[series], answers, sources[series]) for series in pulled}
    notes = [note for answer in answers.values() for note in answer.record.notes]
    if earlier and lock:
        origins |= {series: origin_of(lock, series) for series in earlier}
        kept = f"kept from the data of {lock.created:%Y-%m-%d}: {', '.join(earlier)}"
        notes.append(f"No provider offers these series; {kept}.")
    if since:
        notes.append(note_on(starts, since))
    today = client.clock.now().astimezone(dt.UTC).date()
    try:
        written = assemble(
            manifest, sources, absent, folder, own, origins=origins, notes=notes, repairs=repairs, today=today
        )
    except DataRefused as error:
        hint = f"The existing data are unchanged. To fetch again: backtest data pull {manifest.name} --refresh"
        error.hint = f"{error.hint} {hint}".strip()
        raise
    return Pulled(written, answers)


def _absent(manifest: Manifest, missing: Sequence[str]) -> list[str]:
    absent = with_derived(manifest, missing)
    needed = [series for series in absent if not manifest.series[series].optional]
    if needed:
        raise DataRefused(
            f"dataset '{manifest.name}' needs series that no provider offers: {', '.join(needed)}.",
            f"Import them first: backtest data import {manifest.name} --from DIR; "
            f"or mark each series optional = true in {MANIFEST}.",
        )
    return absent


def _answers(
    dataset: str,
    pulled: Mapping[str, Sequence[Request]],
    kept: AnswerCache,
    *,
    refresh: bool,
    client: Client,
    progress: Progress,
) -> dict[Request, Answer]:
    """Return an answer to every request; only answers that are missing or old are requested."""
    users: dict[Request, list[str]] = {}
    for series, requests in pulled.items():
        for request in requests:
            users.setdefault(request, []).append(series)
    now = client.clock.now()
    held = {request: kept.read(request) for request in users}
    old = {request: held[request] for request in users if refresh or not _held_is_current(held[request], now)}
    require_libraries(request.provider for request in old)
    answers, failures = {}, []
    for number, request in enumerate(users, 1):
        progress(number, len(users), str(request))
        before = held[request]
        if request not in old and before:
            answers[request] = Answer(*before, "kept")
            continue
        client.on_retry = partial(_report_retry, progress, number, len(users), request)
        try:
            fetched = fetch(request, client)
        except FetchFailed as error:
            failures.append(f"{request} ({_some_names(users[request])}): {error}.")
            continue
        record = kept.write(request, fetched, client.clock.now())
        same = before is not None and before[0].tidy_sha256 == record.tidy_sha256
        answers[request] = Answer(record, fetched.table, "unchanged" if same else "fetched")
    if failures:
        raise PullFailed(dataset, failures, len(users))
    return answers


def _some_names(series: Sequence[str]) -> str:
    """Name the series that depend on a request; if there are many, the first few and a count."""
    shown = series if len(series) <= NAMED else series[: NAMED - 1]
    rest = len(series) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _report_retry(progress: Progress, number: int, of: int, request: Request, text: str) -> None:
    progress(number, of, f"{request}: {text}")


def _held_is_current(held: tuple[Record, Table] | None, now: dt.datetime) -> bool:
    return held is not None and is_current(held[0], now)


def _sources(
    manifest: Manifest,
    pulled: Mapping[str, Sequence[Request]],
    answers: Mapping[Request, Answer],
    earlier: Mapping[str, Source],
    starts: Mapping[str, dt.date],
) -> dict[str, Source]:
    """Return the source of each delivered series, in the order of the manifest."""
    tables = {request: (answer.table, answer.record.raw_sha256) for request, answer in answers.items()}
    return {
        series: source_of(spec, tables, starts.get(series)) if series in pulled else earlier[series]
        for series, spec in manifest.series.items()
        if series in pulled or series in earlier
    }


def _origin(
    manifest: Manifest, series: str, requests: Sequence[Request], answers: Mapping[Request, Answer], source: Source
) -> Origin:
    spec = manifest.series[series]
    fetched = min(answers[request].record.fetched for request in requests)
    return Origin(sha256=source.sha256, provider=spec.provider or "", symbol=spec.symbol or "", fetched=fetched)
