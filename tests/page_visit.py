"""What must hold of every page, asked of Chromium in one visit: each fault is a line that names its place."""

from __future__ import annotations

from pathlib import Path

from .browser import Browser, requested, said

SHEET = 695
"""The pixels of an A4 sheet between the margins of print.css."""

HELPERS = """
const all = (name) => [...document.querySelectorAll(name)];
const box = (one) => one.getBoundingClientRect();
const seen = (one) => box(one).width > 0 && box(one).height > 0;
const rgb = (() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  return (colour, below) => {
    canvas.fillStyle = below;
    canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
})();
const light = (colour) => {
  const part = colour.map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
};
const paper = () => {
  const own = getComputedStyle(document.body).backgroundColor;
  return `rgb(${rgb(own, "white")})`;
};
const lightness = (colour) => light(rgb(colour, paper()));
const name = (one) => one.id || one.getAttribute("aria-label") || one.closest("[id]")?.id || one.className;
const faults = [];
const fault = (what, one) => faults.push(`${what}: ${name(one)}`);
"""

CHARTS = """
for (const one of all(".plot-box").filter((one) => !one.closest("[hidden]"))) {
  const svg = one.querySelector("svg");
  if (!svg || !seen(svg) || !svg.querySelector("path, circle, rect, line")) fault("no picture in chart", one);
}
for (const one of all("[hidden]").filter(seen)) fault("hidden, but seen", one);
for (const one of all("svg.plot text").filter(seen)) {
  const { left, right } = box(one);
  if (left < -0.5 || right > innerWidth + 0.5) faults.push(`text of a chart leaves the window: ${one.textContent}`);
}
"""

SIDEWAYS = """
const { scrollWidth, clientWidth } = document.documentElement;
if (scrollWidth > clientWidth) {
  const wide = all("body *").filter((one) => box(one).right > clientWidth + 1 && !one.closest(".scroll, svg"));
  fault(`the page scrolls sideways, ${scrollWidth} of ${clientWidth} pixels`, wide.at(-1) ?? document.body);
}
"""

CUT = """
for (const one of all(".scroll").filter((one) => one.scrollWidth > one.clientWidth + 1)) {
  fault(`columns cut, ${one.scrollWidth} of ${one.clientWidth} pixels`, one);
}
"""

CUES = """
for (const one of all("body *").filter((one) => one.scrollWidth > one.clientWidth + 1 && seen(one))) {
  const { overflowX, backgroundImage } = getComputedStyle(one);
  if (overflowX !== "auto" && overflowX !== "scroll") continue;
  if (!backgroundImage.includes("gradient")) fault("scrolls without a cue", one);
  if (one.tabIndex !== 0) fault("scrolls, but no key reaches it", one);
}
"""

CONTRAST = """
const cells = ".matrix td, .heat td, td.shade, .figures dd, .verdict, p, li, th, td, small, caption, figcaption";
const ground = (one) => {
  for (let at = one; at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (!/, 0\\)$|transparent/.test(backgroundColor)) return backgroundColor;
  }
  return paper();
};
for (const one of all(cells)) {
  const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || one.closest("svg, [hidden], .unseen")) continue;
  const [a, b] = [lightness(getComputedStyle(one).color), lightness(ground(one))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${one.textContent.trim().slice(0, 40)}`);
}
"""

DARK = """
if (lightness(paper()) > 0.1) fault("light in the dark", document.body);
"""

PAPER = """
if (lightness(paper()) < 0.9) fault("dark on paper", document.body);
for (const one of all(".scroll, main, table").filter(seen)) {
  const { position, overflowX, overflowY } = getComputedStyle(one);
  if (one.scrollHeight > one.clientHeight + 1 && overflowY !== "visible") fault("rows cut on paper", one);
  if (box(one).right > innerWidth + 1) fault(`cut on paper, ${Math.round(box(one).right)} of ${innerWidth}`, one);
}
for (const one of all(".matrix td, .heat td, td.shade").filter(seen)) {
  if (getComputedStyle(one).printColorAdjust !== "exact") { fault("colour lost on paper", one); break; }
}
for (const one of all(".scroll.tall tbody tr:not([hidden])")) {
  if (!seen(one) && !one.closest("[hidden]")) fault("row missing on paper", one.closest(".scroll"));
}
"""


def visit(browser: Browser, page: Path) -> list[str]:
    """Return the faults of a page: wide, narrow, in the dark, on paper, under a pointer, without scripts."""
    browser.scripts(True)
    browser.look(width=1280)
    browser.open(page)
    faults = _asked(browser, "at 1280", CHARTS, SIDEWAYS, CUT, CONTRAST) + _pointed(browser)
    browser.look(width=400)
    faults += _asked(browser, "at 400", CHARTS, SIDEWAYS, CUES)
    browser.look(width=1280, dark=True)
    faults += _asked(browser, "in the dark", DARK, CONTRAST)
    browser.look(width=SHEET, dark=True, media="print")
    faults += _asked(browser, "on paper", PAPER, SIDEWAYS, CONTRAST)
    events = browser.events()
    browser.scripts(False)
    browser.look(width=1280)
    browser.open(page)
    faults += _asked(browser, "without scripts", CHARTS, CUT)
    browser.scripts(True)
    events += browser.events()
    return (
        faults + [f"console: {line}" for line in said(events)] + [f"asks for {url}" for url in requested(events, page)]
    )


def _asked(browser: Browser, where: str, *questions: str) -> list[str]:
    found = browser.evaluate(f"(() => {{ {HELPERS} {' '.join(questions)} return faults; }})()")
    return [f"{where}: {one}" for one in found]


def _pointed(browser: Browser) -> list[str]:
    """Move the real pointer over each chart that has something to tell; a chart that tells nothing is a fault."""
    faults = []
    for at in range(browser.evaluate("document.querySelectorAll('[data-hover]').length")):
        place = browser.evaluate(MIDDLE.replace("AT", str(at)))
        if place is None:  # of another asset or horizon
            continue
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=place[1], y=place[2])
        if not browser.evaluate(TOLD):
            faults.append(f"under a pointer: nothing is told by {place[0]}")
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)
    return faults


MIDDLE = """(() => {
  const one = document.querySelectorAll("[data-hover]")[AT];
  one.scrollIntoView({ block: "center", behavior: "instant" });
  const { left, top, width, height } = one.firstElementChild.getBoundingClientRect();
  return width ? [one.id, left + width / 2, top + height / 2] : null;
})()"""

TOLD = """(() => {
  const bubble = document.querySelector(".bubble");
  return bubble !== null && !bubble.hidden && bubble.textContent !== "" && bubble.getBoundingClientRect().width > 0;
})()"""
