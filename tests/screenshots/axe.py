"""Ask axe-core of every kind of page, light and dark: ``python tests/screenshots/axe.py AXE.MIN.JS``; needs Chromium.

``npm pack axe-core`` fetches an archive that holds ``package/axe.min.js``. Findings that axe calls serious or critical
fail; the others are printed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser import browser, found
from tests.report.every_page import make

FATAL = ("serious", "critical")
ASK = """axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.map(
  ({ impact, id, nodes }) => [impact, `${id}, ${nodes.length} times: ${nodes[0].html.slice(0, 120)}`]
))"""


def findings(page: Path, axe: str) -> list[tuple[str, str]]:
    """Return the impact and the words of each finding, the same in light and dark once."""
    told = []
    for dark in (False, True):
        browser().look(dark=dark)
        browser().open(page)
        browser().evaluate(f"{axe};0")
        told += [tuple(one) for one in browser().evaluate(ASK)]
    return list(dict.fromkeys(told))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("axe", type=Path, help="axe.min.js")
    axe = parser.parse_args().axe.read_text(encoding="utf-8")
    if found() is None:
        sys.exit("no Chromium on this machine.")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            pages = make(Path(folder))
        told = [(name, *one) for name, page in pages.items() for one in findings(page, axe)]
    for name, impact, words in told:
        print(f"{name}: {impact}: {words}")
    fatal = sum(impact in FATAL for _, impact, _ in told)
    print(f"axe-core: {len(pages)} pages, light and dark: {len(told)} findings, {fatal} of them serious or critical")
    sys.exit(1 if fatal else 0)


if __name__ == "__main__":
    main()
