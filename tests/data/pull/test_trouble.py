"""A provider in trouble: every case ends in the right tries, and one line that says what was wrong."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.data.pull.http import FetchFailed
from backtest.data.pull.providers import Request, fetch

from . import bodies
from .conftest import Reply

PATHS = {"yahoo": "/v8/finance/chart/", "fred": "fredgraph.csv?id=", "french": "/ken.french/ftp/"}
HOSTS = {"yahoo": "query2.finance.yahoo.com", "fred": "fred.stlouisfed.org", "french": "mba.tuck.dartmouth.edu"}
SYMBOLS = {"yahoo": "^RUT", "fred": "DGS10", "french": "Portfolios_Formed_on_ME_Daily"}
DAYS = [str(day) for day in np.busday_offset("2024-07-01", np.arange(12))]
GOOD = {
    "yahoo": bodies.chart("^RUT"),
    "fred": bodies.fred_csv("DGS10", bodies.RATES),
    "french": bodies.french_sizes(DAYS, {}),
}
WAITS = [2, 4, 8]
NO_PRICES = bodies.chart("^RUT", indicators={"quote": [{}]}, timestamp=None)
"""What Yahoo says of today before the first trade."""
PAGE = b"<!DOCTYPE html>\n<html><body>Will be right back...</body></html>"


@pytest.fixture(params=sorted(PATHS))
def name(request):
    return request.param


@pytest.fixture
def ask(name, client):
    return lambda: fetch(Request(name, SYMBOLS[name]), client)


def reason_of(ask):
    with pytest.raises(FetchFailed) as caught:
        ask()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def waits(clock):
    """What was waited for beyond the pause between two requests."""
    return [seconds for seconds in clock.slept if seconds > 1]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_are_tried_again(name, provider, ask, clock, status):
    provider.answers(PATHS[name], Reply(b"oops", status), Reply(b"oops", status), Reply(GOOD[name]))
    assert len(ask().table.dates)
    assert waits(clock) == [2, 4]


def test_a_number_of_tries_and_no_more(name, provider, ask, clock):
    provider.answers(PATHS[name], Reply(PAGE, 503))
    assert reason_of(ask) == "answered 503, 4 times"
    assert provider.count(PATHS[name]) == 4
    assert waits(clock) == WAITS
    assert reason_of(ask) == "answered 503"  # the next series of a host that is down
    assert provider.count(PATHS[name]) == 5


@pytest.mark.parametrize(
    ("header", "wait"),
    [("7", 7), ("Wed, 17 Jul 2024 01:00:30 GMT", 30), ("soon", 2), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)],
)
def test_too_many_requests(name, provider, ask, clock, client, header, wait):
    provider.answers(PATHS[name], Reply(b"slowly", 429, {"Retry-After": header}), Reply(GOOD[name]))
    assert len(ask().table.dates)
    assert provider.count(PATHS[name]) >= 2
    assert sum(clock.slept) == pytest.approx(max(wait, 1), abs=4)
    if wait > 1:
        assert any(seconds == pytest.approx(wait, abs=3) for seconds in waits(clock))


def test_a_provider_that_wants_to_be_left_alone_is(name, provider, ask, clock):
    provider.answers(PATHS[name], Reply(b"", 429, {"Retry-After": "3600"}))
    assert reason_of(ask) == "answered 429, and asks for a pause of 3,600 seconds"
    assert provider.count(PATHS[name]) == 1
    assert waits(clock) == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_final(name, provider, ask, clock, status):
    provider.answers(PATHS[name], Reply(bodies.chart_error("No data found, symbol may be delisted"), status))
    assert reason_of(ask) == f"answered {status}"
    assert provider.count(PATHS[name]) == 1
    assert waits(clock) == []


def test_time_outs_are_tried_again(name, provider, ask, clock):
    provider.answers(PATHS[name], Reply(GOOD[name], delay=0.6), Reply(GOOD[name]))
    assert len(ask().table.dates)
    assert waits(clock) == [2]


def test_time_outs_without_end(name, provider, ask, clock):
    provider.answers(PATHS[name], Reply(GOOD[name], delay=0.6))
    assert reason_of(ask) == "timed out, 4 times"
    assert waits(clock) == WAITS


def test_an_answer_that_breaks_off_is_tried_again(name, provider, ask, clock):
    cut = Reply(GOOD[name][: len(GOOD[name]) // 2], length=len(GOOD[name]))
    provider.answers(PATHS[name], cut, Reply(GOOD[name]))
    assert len(ask().table.dates)
    assert waits(clock) == [2]


def test_an_answer_that_always_breaks_off(name, provider, ask):
    provider.answers(PATHS[name], Reply(GOOD[name][:-9], length=len(GOOD[name])))
    assert reason_of(ask) == "the answer broke off, 4 times"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("yahoo", "answered with JSON that is cut off or damaged"),
        ("fred", "the answer broke off in its last line"),
        ("french", "answered with a zip file that is cut off or damaged"),
    ],
)
def test_a_cut_that_no_length_betrays(name, provider, ask, reason):
    provider.answers(PATHS[name], Reply(GOOD[name][:-9], length=-1))
    assert reason_of(ask) == reason
    assert provider.count(PATHS[name]) == 1


def test_a_web_page(name, provider, ask, clock):
    provider.answers(PATHS[name], Reply(PAGE))
    form = {"yahoo": "JSON", "fred": "CSV", "french": "a zip file"}[name]
    assert reason_of(ask) == f"answered with a web page instead of {form}"
    assert provider.count(PATHS[name]) == 1


@pytest.mark.parametrize("body", [b"", b"\r\n"])
def test_an_empty_body(name, provider, ask, body):
    provider.answers(PATHS[name], Reply(body))
    assert reason_of(ask) == "answered with an empty body"


def test_a_redirect_is_followed(name, provider, ask):
    provider.answers("/elsewhere", Reply(GOOD[name]))
    provider.answers(PATHS[name], Reply(b"", 302, {"Location": provider.route("https://there.example/elsewhere")}))
    assert len(ask().table.dates)


def test_redirects_without_end(name, provider, ask, clock):
    provider.answers("/round", Reply(b"", 302, {"Location": provider.route("https://there.example/round")}))
    provider.answers(PATHS[name], Reply(b"", 301, {"Location": provider.route("https://there.example/round")}))
    assert reason_of(ask) == "too many redirects"
    assert waits(clock) == []


def test_nobody_listens(name, provider, client, clock):
    client.route = lambda _: "http://127.0.0.1:9/"  # the port that discards
    request = Request(name, SYMBOLS[name])
    reason = reason_of(lambda: fetch(request, client))
    assert reason.startswith("no connection (Connect")
    assert reason.endswith(", 2 times: " + HOSTS[name] + " cannot be reached")
    assert waits(clock) == [2]
    before = list(clock.slept)
    assert reason_of(lambda: fetch(request, client)) == f"not requested, because {HOSTS[name]} could not be reached"
    assert clock.slept == before


def test_a_host_that_is_there_at_the_second_try_is_asked_on(name, provider, ask, client, clock):
    there, dead = client.route, ["http://127.0.0.1:9/"]
    client.route = lambda url: dead.pop() if dead and PATHS[name] in url else there(url)
    provider.answers(PATHS[name], Reply(b"", 503), Reply(GOOD[name]))
    assert len(ask().table.dates)
    assert waits(clock) == [2, 4]


@pytest.mark.parametrize("name", ["fred"])
def test_a_name_that_nobody_knows(name, ask, client, clock):
    client.route = lambda _: "http://nowhere.invalid/"
    assert reason_of(ask) == "no connection (DNSError), 2 times: fred.stlouisfed.org cannot be reached"
    assert waits(clock) == [2]


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("yahoo", bodies.chart_error("No data found"), "says: No data found"),
        ("yahoo", b'{"finance": 1}', "answered with JSON that is not a chart"),
        ("yahoo", b"[1]", "answered with JSON that is not a chart"),
        (
            "yahoo",
            bodies.chart("^RUT", indicators={"quote": [{"open": [1] * 5, "high": [1] * 5, "low": [1] * 5}]}),
            "answered with 5 dates, but not as many values in column close",
        ),
        ("yahoo", bodies.chart("SPY"), "answered with symbol SPY instead of ^RUT"),
        (
            "yahoo",
            bodies.chart("^RUT").replace(b'"dataGranularity": "1d"', b'"dataGranularity": "1mo"'),
            "answered with prices of every 1mo instead of 1d",
        ),
        (
            "yahoo",
            bodies.chart("^RUT").replace(b'"adjclose": [50.5, ', b'"adjclose": ['),
            "answered with 5 dates, but not as many values in column adjclose",
        ),
        ("yahoo", NO_PRICES, "has no prices"),
        ("yahoo", bodies.chart("^RUT", []), "has no rows"),
        ("fred", b"DATE,GDP\n2024-07-16,1\n", "other columns: 'DATE,GDP' instead of 'observation_date,DGS10'"),
        ("fred", b"observation_date,DGS10\n2024-07-16,many\n", "has a value that is not a number in column DGS10"),
        ("fred", b"observation_date,DGS10\nyesterday,4\n", "the answer cannot be read ("),
        ("fred", b"observation_date,DGS10\n", "has no rows"),
        ("french", bodies.french_zip("Nothing but words.\r\n"), "holds no table"),
        ("french", bodies.french_zip(",A\r\n" + "what is this,1\r\n" * 90), "the answer cannot be read ("),
    ],
)
def test_wrong_columns_and_contents(name, provider, ask, body, reason):
    provider.answers(PATHS[name], Reply(body))
    assert reason in reason_of(ask)
    assert provider.count(PATHS[name]) <= 2  # yfinance asks for the time zone first


@pytest.mark.parametrize("name", ["yahoo"])
def test_the_first_question_may_come_before_the_first_trade(name, provider, ask):
    provider.answers(PATHS[name], Reply(NO_PRICES), Reply(GOOD[name]))
    assert len(ask().table.dates) == 5


def test_too_long_an_answer(name, provider, ask, client):
    from dataclasses import replace

    client.retry_policy = replace(client.retry_policy, most_bytes=10)
    provider.answers(PATHS[name], Reply(GOOD[name]))
    assert reason_of(ask) == "answered with more than 0 MB"
