"""Look-ahead: whether a detector's answer on a session depends on what came after it.

Four checks, none of which reads the detector's code. *Truncation*: the history ends after a session, and the answers
up to it must not change. *Another future*: one series continues differently, and the same must hold; this catches a
detector that uses the length of the history, and names the series. *Publication*: for a series that is published
late, values not yet published are changed, too. *Gap*: the last values before the future are missing, and must not be
filled from it.

A detector with a memory could answer from what it saw before. So truncations run on a copy that was executed again and
has never seen the whole history, and the first truncation is one that is likely to reveal a leak.

These checks do not see the numbers of a detector that reads a file by itself.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass

import numpy as np

from backtest.detect.tree import Recipe, Single, answers_of, parts
from backtest.errors import BacktestError
from backtest.format import plural
from backtest.lookahead.audited import FORESIGHT, AuditedCondition, AuditFinding, Kind
from backtest.lookahead.counterfactual import FUTURES, counterfactual
from backtest.lookahead.cutoffs import Effort, choose_cuts, median_event_cut, search_cuts
from backtest.lookahead.difference import first_difference
from backtest.lookahead.reload import reloaded
from backtest.model import Condition, Note, Prices

GAP = 3
"""Sessions without values before the future, in the gap check."""
ROUNDS = 3
"""Maximum rounds of the search for an earlier session, once a leak is found."""

Progress = Callable[[int, int], None]
Hit = tuple[int, int]
"""The first session whose answer changed, and how many sessions the history had then."""


def audit(
    recipe: Recipe, prices: Prices, effort: Effort, seed: int, progress: Progress | None = None
) -> list[AuditedCondition]:
    """Audit every condition of a recipe.

    Parameters
    ----------
    recipe : Recipe
        The conditions.
    prices : Prices
        The history as recorded, without publication lags.
    effort : Effort
        How often to run the detector.
    seed : int
        Seed of every draw; the same seed gives the same findings.
    progress : callable, optional
        Called with the number of conditions done and their total.

    Returns
    -------
    list of AuditedCondition
        The whole recipe first, then its parts.

    Raises
    ------
    BacktestError
        A detector refuses or fails on the whole history.
    """
    subjects = list(zip(parts(recipe), parts(reloaded(recipe)), strict=True))
    judged = []
    for part, fresh in reversed(subjects):  # single detectors first: their fresh copies have seen nothing yet
        judged.append(_Audit(part, fresh, prices, effort, seed).judge())
        if progress is not None:
            progress(len(judged), len(subjects))
    return judged[::-1]


@dataclass
class _Audit:
    """One condition under audit: its answer on the whole history, and how often it was run."""

    part: Recipe
    """The copy that runs on the whole history first."""
    fresh: Recipe
    """The same, executed again: it runs on every other history."""
    prices: Prices
    effort: Effort
    seed: int
    asked: int = 0
    failed: int = 0
    failure: str = ""
    longest: int = 0
    """Sessions of the longest history on which it failed."""
    reads: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def judge(self) -> AuditedCondition:
        base = self._ask(self.part, self.prices)
        self.notes = tuple(note for note in base.notes if note.code in FORESIGHT)
        if not self._repeats(self.part, base):
            return self._judged([_not_repeatable("it answers differently when run again")])
        first = self._cut(base, median_event_cut(self.prices, base, self.reads))
        hits = self._cuts(base, first)
        if self._remembers(base, hits):
            return self._judged([self._remembered(first)])
        found = [*self._truncations(base, hits), *self._futures(base)]
        if not self._repeats(self.fresh, base):
            found = [self._remembered(first)]
        if self.failed:
            found.append(self._failing())
        return self._judged(found)

    def _judged(self, found: list[AuditFinding]) -> AuditedCondition:
        use = self.part.use if isinstance(self.part, Single) else self.part.how
        return AuditedCondition(self.part.key, use, tuple(found), self.asked, self.failed, self.reads, self.notes)

    def _ask(self, whom: Recipe, raw: Prices) -> Condition:
        view = raw.until(len(raw)).published()  # a separate view, which records what is read
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):  # already shown on the whole history
            warnings.simplefilter("ignore")
            condition = answers_of(whom, lambda one: one.detector.condition(view, one.values))[whom.key].condition
        self.reads = tuple(sorted({*self.reads, *view.read}))
        return condition

    def _repeats(self, whom: Recipe, base: Condition) -> bool:
        try:
            return first_difference(base, self._ask(whom, self.prices), len(self.prices)) is None
        except BacktestError:
            return False

    def _remembers(self, base: Condition, hits: list[Hit]) -> bool:
        """Return whether the copy that saw the whole history last differs from the one that saw it first."""
        if not self._repeats(self.fresh, base):
            return True
        return bool(hits) and self._cut(base, hits[0][1], self.part) != hits[0]

    def _try(self, raw: Prices, whom: Recipe | None = None) -> Condition | None:
        self.asked += 1
        try:
            return self._ask(whom or self.fresh, raw)
        except BacktestError as error:  # allowed on a short history, or one full of gaps
            self.failed += 1
            if len(raw) >= self.longest:
                self.longest, self.failure = len(raw), error.message
            return None

    def _cuts(self, base: Condition, first: Hit | None) -> list[Hit]:
        rng = np.random.default_rng(self.seed)
        cuts = choose_cuts(self.prices, base, self.reads, self.effort.truncations, rng).tolist()
        return [hit for hit in (first, *(self._cut(base, cut) for cut in cuts)) if hit is not None]

    def _truncations(self, base: Condition, hits: list[Hit]) -> Iterator[AuditFinding]:
        if not hits:
            return
        for _ in range(ROUNDS if self.effort.search else 0):
            earliest = min(hits)[0]
            cuts = search_cuts(self.prices, self.reads, earliest + 1, self.effort.search).tolist()
            hits = [*hits, *(hit for cut in cuts if (hit := self._cut(base, cut)) is not None)]
            if min(hits)[0] == earliest:
                break
        at, cut = min(hits)
        series = tuple(name for name in self.reads if self._matters(base, name, cut - 1))
        yield self._finding("truncation", at, cut - 1, series)

    def _cut(self, base: Condition, cut: int, whom: Recipe | None = None) -> Hit | None:
        then = self._try(self.prices.until(cut), whom)
        at = None if then is None else first_difference(base, then, cut)
        return None if at is None else (at, cut)

    def _remembered(self, first: Hit | None) -> AuditFinding:
        """Return the finding on a detector with a memory: only its first answer counts."""
        if first is None:
            return _not_repeatable("it answers differently once it has seen other histories: it remembers them")
        at, cut = first
        session, known = str(self.prices.sessions[at]), str(self.prices.sessions[cut - 1])
        text = f"its answer on {session} depends on {' or '.join(self.reads) or 'the sessions'} after {known}"
        return AuditFinding("truncation", session, known, self.reads, f"{text}, and it remembers earlier runs")

    def _matters(self, base: Condition, name: str, last: int) -> bool:
        """Return whether the values of a series after a session change the answers up to it."""
        raw = self._out(name, last)
        worlds = (counterfactual(self.prices, name, raw, future, self.seed) for future in FUTURES)
        return any(self._differs(base, world, last) is not None for world in worlds)

    def _differs(self, base: Condition, other: Prices, last: int) -> int | None:
        then = self._try(other)
        return None if then is None else first_difference(base, then, last + 1)

    def _futures(self, base: Condition) -> Iterator[AuditFinding]:
        rng = np.random.default_rng([self.seed, 1])
        lasts = choose_cuts(self.prices, base, self.reads, self.effort.futures, rng) - 1
        for name in self.reads:
            yield from self._future_of(name, base, lasts.tolist())
            yield from self._gap_of(name, lasts.tolist())

    def _future_of(self, name: str, base: Condition, lasts: list[int]) -> Iterator[AuditFinding]:
        """Replace later and unpublished values; report the first session whose answer changes."""
        for last in lasts:
            for future in FUTURES:
                raw = self._out(name, last)
                at = self._differs(base, counterfactual(self.prices, name, raw, future, self.seed), last)
                if at is not None:
                    later = self._differs(base, counterfactual(self.prices, name, last, future, self.seed), last)
                    yield self._finding("publication" if later is None else "future", at, last, (name,))
                    return

    def _gap_of(self, name: str, lasts: list[int]) -> Iterator[AuditFinding]:
        for last in lasts:
            raw = self._out(name, last)
            kept = self._try(counterfactual(self.prices, name, raw, "kept", self.seed, GAP))
            if kept is None:
                continue
            for future in ("up", "down"):
                at = self._differs(kept, counterfactual(self.prices, name, raw, future, self.seed, GAP), last)
                if at is not None:
                    yield self._finding("gap", at, last, (name,))
                    return

    def _out(self, name: str, last: int) -> int:
        """Return the last session whose value of a series was published by then."""
        return max(last - self.prices.series[name].publication_lag, -1)

    def _finding(self, kind: Kind, at: int, last: int, series: tuple[str, ...]) -> AuditFinding:
        session, known = str(self.prices.sessions[at]), str(self.prices.sessions[last])
        what = " and ".join(series) or "the number or the dates of the sessions"
        match kind:
            case "publication":
                lag = self.prices.series[series[0]].publication_lag
                why = f"{what} before it was out, {plural(lag, 'session')} late"
            case "gap":
                why = f"{what} after {known}, where the values before are missing"
            case _:
                why = f"{what} after {known}"
        return AuditFinding(kind, session, known, series, f"its answer on {session} depends on {why}")

    def _failing(self) -> AuditFinding:
        why = f"it failed on {self.failed} of {self.asked} other histories, the longest of {self.longest:,} sessions"
        return AuditFinding("fails", "", "", (), f"{why}: {self.failure.rstrip('.')}")


def _not_repeatable(why: str) -> AuditFinding:
    return AuditFinding("not repeatable", "", "", (), f"{why}, so it cannot be judged")
