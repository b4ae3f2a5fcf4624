// The conditions that a strategy combines: a labelled strip each above the prices, on the same time axis.

// Its label lies close on each bar, and the gap below a bar is wide: which is whose is seen at a glance.
const STRIP = { top: 20, label: 11, bar: 9, gap: 16 };
const STRIP_ROW = STRIP.label + STRIP.bar + STRIP.gap;

// How far the strips push the prices down.
function stripsHeight() {
  return Math.max(0, page.conditions.length * STRIP_ROW - STRIP.gap);
}

function stripTop(row) {
  return STRIP.top + row * STRIP_ROW + STRIP.label;
}

function stripSeries(colours) {
  return page.conditions.map(({ name, stretches }, row) => ({
    name,
    type: "custom",
    silent: true,
    clip: false,
    encode: { x: [0, 1], y: -1 },
    data: Array.from({ length: stretches.length / 2 }, (_, at) => [
      stretches[2 * at] * DAY,
      (stretches[2 * at + 1] + 1) * DAY,
    ]),
    // A short run stays visible; but many of them, each widened, would look as if they were met all the time.
    renderItem({ coordSys, dataInsideLength }, api) {
      const least = Math.min(1.5, Math.max(0.4, coordSys.width / (4 * dataInsideLength)));
      const [from, to] = [0, 1].map((end) => api.coord([api.value(end), 1])[0]);
      const left = Math.max(from, coordSys.x);
      const right = Math.min(Math.max(to, from + least), coordSys.x + coordSys.width);
      if (right <= left) return null;
      const shape = { x: left, y: stripTop(row), width: right - left, height: STRIP.bar };
      return { type: "rect", shape, style: { fill: colours["study-3"] } };
    },
  }));
}

function stripLabels(colours) {
  return page.conditions.map(({ name }, row) => ({
    type: "text",
    left: 4,
    top: stripTop(row) - STRIP.label,
    silent: true,
    style: { text: name, fill: colours.ink, font: `11px ${FONT}`, width: 320, overflow: "truncate" },
  }));
}

// The conditions that are met on a day, as rows of a tooltip.
function stripsOn(colours, time) {
  const day = Math.round(time / DAY);
  const met = page.conditions.filter(({ stretches }) => {
    for (let at = 0; at < stretches.length; at += 2) if (stretches[at] <= day && day <= stretches[at + 1]) return true;
    return false;
  });
  return met.map(({ name }) => [colours["study-3"], name, "met"]);
}
