// The page of a tuned grid: a heatmap of two parameters, a line or points of one, and all sets by their excess.

function starred(horizon, set) {
  return page.starred[horizon].includes(set);
}

function colourRange(values, { diverges, small }, colours) {
  const known = values.filter((value) => value != null);
  const largest = Math.max(...known.map(Math.abs), 1e-9);
  if (diverges) return { min: -largest, max: largest, inRange: { color: [colours.low, colours.middle, colours.high] } };
  if (small) return { min: 0, max: 1, inRange: { color: [colours.high, colours.middle] } };
  return { min: Math.min(...known, 0), max: largest, inRange: { color: [colours.middle, colours.high] } };
}

// The colour of a cell, as ECharts mixes it: evenly between the colours of its range.
function cellColour(value, { min, max, inRange: { color } }) {
  const share = Math.min(Math.max((value - min) / (max - min || 1), 0), 1) * (color.length - 1);
  const at = Math.min(Math.floor(share), color.length - 2);
  const [from, to] = [color[at], color[at + 1]].map(channels);
  return from.map((part, place) => part + (to[place] - part) * (share - at));
}

function heatmapOption(colours) {
  const { horizon, figure, axes } = chosen();
  const [down, across] = axes.map((at) => page.grid[at]);
  const about = FIGURES[figure];
  const sets = visibleSets();
  const range = colourRange(sets.map((set) => figureAt(horizon, figure, set)), about, colours);
  const cells = sets.map((set) => {
    const value = figureAt(horizon, figure, set);
    const itemStyle = set === page.best ? { borderColor: colours.ink, borderWidth: 3 } : {};
    const label = { color: value == null ? colours.ink : legibleOn(cellColour(value, range), [colours.ink, colours.paper]) };
    return { value: [page.at[set][axes[1]], page.at[set][axes[0]], value ?? "-"], set, itemStyle, label };
  });
  const axis = ([name, values]) => lineAxis(colours, { type: "category", data: values, name, nameLocation: "middle" });
  const label = ({ data: { set } }) =>
    about.format(figureAt(horizon, figure, set)).replace(" pp", "") + (starred(horizon, set) ? " *" : "");
  return {
    grid: grid({ top: 24, bottom: 74 }),
    xAxis: { ...axis(across), nameGap: 28 },
    yAxis: { ...axis(down), nameGap: 48 },
    visualMap: {
      ...range,
      calculable: false,
      orient: "horizontal",
      left: "center",
      bottom: 0,
      itemHeight: 180,
      text: [about.axis(range.max), about.axis(range.min)],
      formatter: about.axis,
      textStyle: { color: colours.muted },
    },
    tooltip: { trigger: "item", formatter: ({ data }) => setTip(colours, data.set) },
    series: [
      {
        type: "heatmap",
        data: cells.sort((a, b) => (a.set === page.best) - (b.set === page.best)), // its outline lies on top
        label: {
          show: cells.length <= 120,
          formatter: label,
          fontSize: 11,
        },
        itemStyle: { borderColor: colours.paper, borderWidth: 1 },
      },
    ],
  };
}

// Names are all shown, as far as they can be read: turned where they would not fit side by side.
function nameLabels(values) {
  if (values.length > 30) return { gap: 28, axisLabel: {} };
  const turned = values.join("").length * 7 + values.length * 14 > byId("chart-grid").clientWidth - 70;
  const longest = Math.min(Math.max(...values.map((value) => value.length)), 16);
  const axisLabel = { interval: 0, hideOverlap: false, rotate: turned ? 60 : 0, width: 110, overflow: "truncate" };
  return { gap: turned ? 24 + longest * 6 : 28, axisLabel };
}

function lineOption(colours) {
  const { horizon, figure } = chosen();
  const about = FIGURES[figure];
  const [key, values] = page.grid[0] ?? ["set", page.sets.map(String)];
  const places = visibleSets().map((set) => ({ set, at: page.grid.length ? page.at[set][0] : set }));
  const data = places.map(({ set, at }) => ({
    value: [at, figureAt(horizon, figure, set)],
    set,
    symbol: starred(horizon, set) ? "diamond" : "circle",
    symbolSize: set === page.best ? 15 : 8,
    itemStyle: set === page.best ? { borderColor: colours.ink, borderWidth: 2 } : {},
  }));
  const ordered = page.ordered[0] ?? false; // a line between two names would say that there is something between them
  const lineStyle = ordered ? { color: colours.high, width: 2 } : { width: 0 };
  const names = ordered ? { gap: 28, axisLabel: {} } : nameLabels(values);
  return {
    grid: grid({ bottom: 26 }),
    xAxis: lineAxis(colours, { type: "category", data: values, name: key, nameLocation: "middle", nameGap: names.gap, axisLabel: names.axisLabel }),
    yAxis: valueAxis(colours, about.axis, { scale: !about.diverges }),
    tooltip: { trigger: "item", formatter: (found) => setTip(colours, found.data.set) },
    series: [
      { type: ordered ? "line" : "scatter", data, lineStyle, itemStyle: { color: colours.high } },
    ],
  };
}

function gridOption(colours) {
  return chosen().axes.length > 1 ? heatmapOption(colours) : lineOption(colours);
}

function histogramOption(colours) {
  const { edges, counts, best, median } = page.histograms[chosen().horizon];
  const mark = (value, colour, type) => ({ xAxis: value, lineStyle: { color: colour, type, width: 2 } });
  const marks = [];
  if (median != null) marks.push(mark(median, colours.ink, [5, 4]));
  if (best != null) marks.push(mark(best, colours.mark, "solid"));
  return {
    grid: grid({ bottom: 26 }),
    xAxis: { ...valueAxis(colours, axisPoints), scale: true, name: "excess", nameLocation: "middle", nameGap: 28, splitLine: { show: false } },
    yAxis: valueAxis(colours, (value) => (Number.isInteger(value) ? String(value) : ""), { minInterval: 1 }),
    tooltip: {
      trigger: "item",
      formatter: ({ dataIndex: at }) =>
        tip(`${points(edges[at])} to ${points(edges[at + 1])}`, [[colours.muted, "sets", String(counts[at])]]),
    },
    series: [
      {
        type: "custom",
        encode: { x: [0, 1], y: 2 },
        data: counts.map((count, at) => [edges[at], edges[at + 1], count]),
        renderItem: (params, api) => {
          const [left, top] = api.coord([api.value(0), api.value(2)]);
          const [right, bottom] = api.coord([api.value(1), 0]);
          const shape = { x: left, y: top, width: Math.max(1, right - left - 1), height: bottom - top };
          return { type: "rect", shape, style: { fill: translucent(colours.muted, 0.45) } };
        },
        markLine: markLines(marks),
      },
    ],
  };
}

function sizeGrid() {
  const { axes } = chosen();
  const rows = axes.length > 1 ? page.grid[axes[0]][1].length : 0;
  byId("chart-grid").style.height = rows ? `${Math.min(40, Math.max(18, 9 + rows * 2.2))}rem` : "";
}

function drawTune() {
  offerOthers();
  sizeGrid();
  const drawn = [mount("chart-grid", gridOption), mount("chart-spread-of-sets", histogramOption)];
  document.querySelector(".choice").addEventListener("change", ({ target }) => {
    keepAxesApart(target);
    if (target.id === "choose-down" || target.id === "choose-across") offerOthers();
    sizeGrid();
    for (const { chart, redraw } of drawn) {
      chart.resize();
      redraw();
    }
  });
}

if (byId("chart-grid")) drawTune(); // without a look there is nothing to draw
sortable(byId("table-of-sets"));
followPage();
