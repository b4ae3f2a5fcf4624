"""The findings on a claim: each figure on each basis, and the resulting verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backtest.claims.found import Found, Outcome, Record, Value
from backtest.claims.readings import Reading
from backtest.spec.claim import ClaimTable
from backtest.spec.figure import FigureTable
from backtest.study.study import Study

Verdict = Literal[
    "holds", "holds on another basis", "holds on another choice", "does not hold", "cannot be checked", "open"
]


@dataclass(frozen=True)
class FigureResult:
    """One figure on one basis, or another reading of the claim.

    Attributes
    ----------
    basis : str
        The name of the basis.
    found : Value, Spells, Outcome, Record or None
        What was measured; None if the data cannot answer.
    holds : bool or None
        Whether it matches the claim; None if nothing was claimed or measured.
    why : str or None
        Why nothing was measured.
    cautions : tuple of str
        Cautions to show with it.
    beyond : bool
        Whether the claim counts what lies before the data: such a figure decides nothing.
    """

    basis: str
    found: Found | None
    holds: bool | None
    why: str | None = None
    cautions: tuple[str, ...] = ()
    beyond: bool = False


@dataclass(frozen=True)
class JudgedFigure:
    """One figure of a claim on every basis, the strategy's own first."""

    figure: FigureTable
    results: tuple[FigureResult, ...]

    @property
    def unit(self) -> str | None:
        """The unit of its number on the first basis on which it was measured."""
        numbers = (result.found for result in self.results)
        return next((found.unit for found in numbers if isinstance(found, Value | Outcome | Record)), None)


@dataclass(frozen=True)
class Conclusion:
    """A verdict, with the basis or choice on which the claim holds, or why it cannot be checked."""

    verdict: Verdict
    basis: str | None = None
    why: str | None = None
    choice: str | None = None


@dataclass(frozen=True)
class JudgedClaim:
    """A claim of a strategy, judged.

    Attributes
    ----------
    readings : tuple of Reading
        Everything that was tried, the claim's own reading first.
    study : Study or None
        The study that answers an open question.
    cautions : tuple of str
        Cautions to show with the verdict, such as that a series is a proxy; each once.
    """

    strategy: str
    claim: ClaimTable
    conclusion: Conclusion
    figures: tuple[JudgedFigure, ...] = ()
    readings: tuple[Reading, ...] = ()
    study: Study | None = None
    cautions: tuple[str, ...] = ()


def not_checked(claim: ClaimTable, strategy: str, why: str | None) -> JudgedClaim:
    """Return a claim that could not be checked, and why."""
    return JudgedClaim(strategy, claim, Conclusion("cannot be checked", why=why))


def conclude(figures: Sequence[JudgedFigure], readings: Sequence[Reading] = ()) -> Conclusion:
    """Return the verdict from the figures: all that decide must hold on the same basis or choice.

    A figure that counts what lies before the data decides nothing, unless nothing else decides.
    """
    deciding = [one.results for one in figures if one.figure.decides]
    by_basis = [_within_reach(results) for results in zip(*deciding, strict=True)]
    held = next((at for at, results in enumerate(by_basis) if all(result.holds for result in results)), None)
    if held == 0:
        return Conclusion("holds", basis=by_basis[0][0].basis)
    if held is not None:
        kind = readings[held].kind if readings else None
        verdict: Verdict = "holds on another choice" if kind else "holds on another basis"
        return Conclusion(verdict, basis=by_basis[held][0].basis, choice=kind)
    own = by_basis[0]
    if any(result.holds is False for result in own):
        return Conclusion("does not hold")
    reasons = dict.fromkeys(result.why for result in own if result.why)
    return Conclusion("cannot be checked", why=" ".join(reasons))


def _within_reach(results: Sequence[FigureResult]) -> Sequence[FigureResult]:
    return [result for result in results if not result.beyond] or results
