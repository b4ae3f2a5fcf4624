"""A chart as a page holds it, read back: what stands where, in shares of the chart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

WIDE, HIGH = 2000, 600


@dataclass
class Chart:
    label: str
    circles: list[tuple[str, float, float, str]]
    """Class, x and y from 0 to 1 (y upwards), title."""
    lines: list[tuple[str, float, float, float, float]]
    """Class, x of both ends, y of both ends."""
    texts: list[tuple[str, float, float, str]]
    rects: list[tuple[str, float, float, str]]
    """Class, x of the left side and y of the upper one, title."""
    paths: list[tuple[str, list[list[tuple[float, float]]]]]
    """Class, and the unbroken parts of each path as points."""

    def uprights(self, kind):
        return [x for name, x, right, _, _ in self.lines if name == kind and x == right]

    def path(self, kind):
        return next(parts for name, parts in self.paths if name == kind)

    def labels(self, kind):
        return [text for name, _, _, text in self.texts if name.split()[0] == kind]


def svg_of(html, name):
    """The picture of a chart, by its id without "chart-"."""
    begin = html.index("<svg", html.index(f'id="chart-{name}"'))
    depth, at = 0, begin
    for found in re.finditer(r"<svg|</svg>", html[begin:]):
        depth += 1 if found[0] == "<svg" else -1
        at = begin + found.end()
        if not depth:
            return html[begin:at]
    raise AssertionError("the picture does not end")


def chart(html, name):
    return read(svg_of(html, name))


def read(svg):
    root = ElementTree.fromstring(svg)
    found = Chart(root.get("aria-label"), [], [], [], [], [])
    _walk(root, "", found)
    return found


def _walk(element, kind, found):
    for one in element:
        tag, own = one.tag, one.get("class", kind)
        if tag == "circle":
            title = one.find("title")
            text = "" if title is None else title.text
            found.circles.append((own, _share(one.get("cx")), 1 - _share(one.get("cy")), text))
        elif tag == "rect":
            place = (_share(one.get("x")), 1 - _share(one.get("y")))
            found.rects.append((own, *place, one.findtext("title", "")))
        elif tag == "line":
            ends = [_share(one.get(key, "0")) for key in ("x1", "x2", "y1", "y2")]
            found.lines.append((own, ends[0], ends[1], 1 - ends[2], 1 - ends[3]))
        elif tag == "text":
            found.texts.append((own, _share(one.get("x", "0")), 1 - _share(one.get("y", "0")), one.text or ""))
        elif tag == "path":
            found.paths.append((own, points(one.get("d"))))
        _walk(one, own if tag == "g" else kind, found)


def _share(text):
    return float(text.rstrip("%")) / 100


def points(path):
    """The parts of a path made of M, l, H, V and z, as places in shares of the chart, y upwards."""
    parts = []
    for part in filter(None, path.split("M")):
        steps = re.findall(r"([lHVz]?)([^lHVz]*)", part)
        x = y = 0
        places = []
        for letter, numbers in steps:
            values = [int(one) for one in re.findall(r"-?\d+", numbers)]
            if letter == "":
                pairs = zip(values[::2], values[1::2], strict=True)
                for x, y in pairs:
                    places.append((x, y))
            elif letter == "l":
                for right, below in zip(values[::2], values[1::2], strict=True):
                    x, y = x + right, y + below
                    places.append((x, y))
            elif letter in ("H", "V"):
                x, y = (values[0], y) if letter == "H" else (x, values[0])
                places.append((x, y))
        parts.append([(across / WIDE, 1 - down / HIGH) for across, down in places])
    return parts
