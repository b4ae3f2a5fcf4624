"""FedWatch, slow and obvious: one date, dictionaries and loops, written from the method and not from the package."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    date: dt.date
    scheduled: bool = True
    moved: bool = False
    known: dt.date = dt.date(1900, 1, 1)
    withdrawn: dt.date | None = None

    @property
    def target(self):
        return 5.0, 5.5 if self.moved else 5.0


def plus(month: tuple[int, int], n: int) -> tuple[int, int]:
    at = month[0] * 12 + month[1] - 1 + n
    return at // 12, at % 12 + 1


def of(date: dt.date) -> tuple[int, int]:
    return date.year, date.month


def length(month):
    return calendar.monthrange(*month)[1]


def rates_on(day, quotes, back=3):
    """{month: rate} as of a day; quotes are {(day, month): price}."""
    rates = {m: 100 - price for (on, m), price in quotes.items() if on == day and m >= of(day)}
    for n in range(1, back + 1):
        month = plus(of(day), -n)
        last_day = dt.date(*month, length(month))
        late = [on for on, m in quotes if m == month and of(on) == month and (last_day - on).days < 7]
        if late:
            rates[month] = 100 - quotes[max(late), month]
    return rates


def target_on(day, rows):
    """A planned decision holds from the day after, a sudden one from its own; None before the first was public."""
    held = sorted((r for r in rows if r.withdrawn is None), key=lambda r: r.date)
    past = [r for r in held if r.date < day or (r.date == day and not r.scheduled)]
    if past:
        return past[-1].target[1]
    return held[0].target[0] if held and held[0].known <= day else None


class Twin:
    """What one day sees."""

    def __init__(self, day, quotes, rows, version):
        self.rates, self.version = rates_on(day, quotes), version
        stands = [r for r in rows if r.known <= day and (r.withdrawn is None or day < r.withdrawn)]
        self.upcoming = sorted(r.date for r in stands if r.scheduled and r.date >= day)
        scheduled = [r.date for r in stands if r.scheduled]
        self.last = of(max(scheduled)) if scheduled else (0, 1)
        self.first = of(min(r.date for r in rows))
        self.changes = {}
        for r in stands:
            if r.scheduled or r.moved:
                self.changes.setdefault(of(r.date), []).append(r.date.day)
        self.back = plus(of(day), -3)
        self.own = self.rates.get(of(day))
        self.target = target_on(day, rows)

    def rate(self, m):
        return self.rates.get(m) if m >= self.back else None

    def kind(self, m):
        if not self.first <= m <= self.last or m < self.back:
            return "outside"
        n = len(self.changes.get(m, []))
        if n == 0:
            return "anchor" if self.rate(m) is not None else "gap"
        return "meeting" if n == 1 else "two"

    def days(self, m):
        d = self.changes[m][0]
        before = d if self.version == "chain_pre" else d - 1
        return before, length(m) - before

    def backward_start(self, m):
        if self.kind(m) == "anchor":
            return self.rate(m)
        if self.kind(m) != "meeting":
            return None
        if self.kind(plus(m, -1)) == "anchor":
            return self.rate(plus(m, -1))
        before, after = self.days(m)
        if before == 0 or self.rate(m) is None:
            return None
        if after == 0:
            return self.rate(m)
        end = self.backward_start(plus(m, 1))
        return None if end is None else (length(m) * self.rate(m) - after * end) / before

    def start(self, m):
        found = self.backward_start(m)
        if found is None and self.kind(plus(m, -1)) == "meeting":
            return self.end(plus(m, -1))
        return found

    def end(self, m):
        found = self.backward_start(plus(m, 1))
        if found is not None:
            return found
        before, after = self.days(m)
        if after == 0 or self.rate(m) is None:
            return None
        if before == 0:
            return self.rate(m)
        start = self.start(m)
        return None if start is None else (length(m) * self.rate(m) - before * start) / after

    def typed(self, m):
        before, after = self.days(m)
        average, previous, following = self.rate(m), plus(m, -1), plus(m, 1)
        if self.kind(previous) == "anchor":
            start = self.rate(previous)
            return (start, (length(m) * average - before * start) / after) if average is not None else None
        if self.kind(following) == "outside" or self.rate(following) is None or average is None or before == 0:
            return None
        end = self.rate(following)
        return (length(m) * average - after * end) / before, end

    def solve(self, date):
        """(start, end), or None."""
        m = of(date)
        if self.kind(m) != "meeting":
            return None
        pair = self.typed(m) if self.version == "typed_2015" else (self.start(m), self.end(m))
        return None if pair is None or None in pair else pair

    def contradicts(self, date, start):
        """Start of the next meeting: more than a move from the target and from the month's rate, and not quoted."""
        if self.target is None or self.own is None or self.kind(plus(of(date), -1)) == "anchor":
            return False
        return abs(start - self.target) > 0.25 and abs(start - self.own) > 0.25

    def odds(self):
        """[(date, {moves: probability} or None)], each against the target on the day."""
        so_far, found, expected = {0: 1.0}, [], self.target
        for date in self.upcoming:
            pair = self.solve(date)
            if expected is not None and pair is not None:
                expected += pair[1] - pair[0]
            below_zero = expected is not None and expected < -0.25
            doubted = date == self.upcoming[0] and pair is not None and self.contradicts(date, pair[0])
            if pair is None or so_far is None or doubted or below_zero:
                so_far = None
            else:
                x = (pair[1] - pair[0]) / 0.25
                low, more = math.floor(x), x - math.floor(x)
                new = {}
                for moves, p in so_far.items():
                    new[moves + low] = new.get(moves + low, 0.0) + p * (1 - more)
                    new[moves + low + 1] = new.get(moves + low + 1, 0.0) + p * more
                so_far = new
            found.append((date, so_far))
        return found
