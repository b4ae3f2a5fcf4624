// Axes and grids: thin, quiet, the same in every chart.

function grid(more = {}) {
  return { left: 4, right: 14, top: 22, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "all", ...more };
}

function lineAxis(colours, more = {}) {
  const { axisLabel, ...rest } = more;
  return {
    axisLine: { lineStyle: { color: colours.muted } },
    axisTick: { lineStyle: { color: colours.rule } },
    axisLabel: { color: colours.muted, hideOverlap: true, margin: 10, ...axisLabel },
    nameTextStyle: { color: colours.muted },
    splitLine: { show: false, lineStyle: { color: colours.faint } },
    axisPointer: { lineStyle: { color: colours.muted } },
    ...rest,
  };
}

function valueAxis(colours, formatter, more = {}) {
  return {
    ...lineAxis(colours, { axisLabel: { formatter } }),
    type: "value",
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: true, lineStyle: { color: colours.faint } },
    splitNumber: 5,
    ...more,
  };
}

function timeAxis(colours, more = {}) {
  return { ...lineAxis(colours), type: "time", ...more };
}

// Lines across a chart. ECharts would round where they stand to two decimals: to whole percents, for fractions.
function markLines(data, more = {}) {
  return { silent: true, symbol: "none", label: { show: false }, precision: 15, data, ...more };
}

// Percent on an axis: as many decimals as the step between its ticks needs.
function axisPercent(value) {
  const text = Math.abs(value * 100).toLocaleString("en-US", { maximumFractionDigits: 2 });
  return (text === "0" ? "" : value > 0 ? "+" : "−") + text + "%";
}

function axisPoints(value) {
  return axisPercent(value).replace("%", " pp");
}

// Round levels (1, 2, 5 and their tens) between two bounds of a logarithmic axis; plain steps when they lie close.
function logTicks(low, high) {
  if (high / low < 3) {
    const rough = (high - low) / 5;
    const size = 10 ** Math.floor(Math.log10(rough));
    const step = size * [1, 2, 5, 10].find((times) => times * size >= rough);
    const count = Math.floor(high / step) - Math.ceil(low / step) + 1;
    return Array.from({ length: count }, (_, index) => (Math.ceil(low / step) + index) * step);
  }
  const ticks = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
    for (const times of [1, 2, 5]) {
      if (decade * times >= low && decade * times <= high) ticks.push(decade * times);
    }
  }
  return ticks;
}
