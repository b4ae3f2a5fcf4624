// Every episode on the price chart, and the detector's indicator below it; both zoom together.

const times = page.history ? unpackCalendar(page.history.calendar) : [];
const MARGIN = 30;

function historyLine(colours, line) {
  return {
    name: line.name,
    type: "line",
    data: times.map((time, index) => [time, line.values[index]]),
    showSymbol: false,
    lineStyle: { color: colours[line.role] ?? colours.observed, width: 1.4 },
    itemStyle: { color: colours[line.role] ?? colours.observed },
    emphasis: { disabled: true },
  };
}

function episodeMarks(colours, values, labelled = true) {
  const { start, trigger, end, day0 } = page.episodes;
  const few = trigger.length <= 12;
  const crowded = trigger.length > 60;
  const placed = trigger.map((at, event) => ({ at, event })).filter(({ at }) => at != null && values[at] != null);
  const bands = trigger
    .map((_, event) => [start[event], end[event]])
    .filter(([first, last]) => first != null && last != null)
    .map(([first, last]) => [{ xAxis: times[first] }, { xAxis: times[last] }]);
  return {
    name: "episodes",
    type: "scatter",
    z: 5,
    symbol: "diamond",
    symbolSize: few ? 12 : crowded ? 5 : 9,
    itemStyle: { opacity: 1, color: colours.mark, borderColor: colours.paper, borderWidth: crowded ? 0 : 1 },
    data: placed.map(({ at, event }) => ({ value: [times[at], values[at]], event })),
    label: {
      show: few && labelled,
      position: "top",
      distance: 7,
      color: colours.ink,
      textBorderColor: colours.paper,
      textBorderWidth: 3,
      fontSize: 11,
      formatter: ({ data }) => isoDay(times[day0[data.event] ?? trigger[data.event]]).slice(0, 7),
    },
    labelLayout: { hideOverlap: true },
    tooltip: { trigger: "item", formatter: ({ data }) => episodeTip(colours, data.event, values) },
    markArea: { silent: true, itemStyle: { color: translucent(colours.mark, crowded ? 0.08 : 0.16) }, data: bands },
  };
}

function episodeTip(colours, event, values) {
  const { start, trigger, end, day0, ongoing, number } = page.episodes;
  const when = (at) => (at == null ? NONE : isoDay(times[at]));
  return tip(`Episode ${number[event]}`, [
    [null, "start", when(start[event])],
    [colours.mark, "trigger", when(trigger[event])],
    [null, "end", ongoing[event] ? "ongoing" : when(end[event])],
    [null, "day 0", when(day0[event])],
    [null, "level at the trigger", level(values[trigger[event]])],
  ]);
}

function historyTip(colours, lines) {
  return (found) => {
    const at = nearest(times, found[0].axisValue);
    const values = lines.map((line) => [colours[line.role], line.name, level(line.values[at])]);
    return tip(isoDay(times[at]), [...values, ...stripsOn(colours, times[at])]);
  };
}

// Position of the time nearest to `wanted` in an increasing list.
function nearest(list, wanted) {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - list[low - 1] < list[low] - wanted ? low - 1 : low;
}

// The levels that lie between two times, as lowest and highest.
function visibleRange(lines, from, to) {
  let low = Infinity;
  let high = -Infinity;
  times.forEach((time, index) => {
    if (time < from || time > to) return;
    for (const { values } of lines) {
      const value = values[index];
      if (value != null && value < low) low = value;
      if (value != null && value > high) high = value;
    }
  });
  return low <= high ? [low, high] : null;
}

function logAxis(colours, lines, from, to) {
  const range = visibleRange(lines, from, to) ?? [1, 10];
  const stretch = Math.max((range[1] / range[0]) ** 0.06, 1.005);
  const [min, max] = [range[0] / stretch, range[1] * stretch];
  const customValues = logTicks(min, max);
  return {
    ...valueAxis(colours, level),
    type: "log",
    min,
    max,
    axisTick: { show: false, customValues },
    axisLabel: { color: colours.muted, customValues, formatter: level },
  };
}

function zoomControls(colours, slider) {
  const touch = matchMedia("(pointer: coarse)").matches;
  const filterMode = "weakFilter"; // a strip that begins before the view and ends after it stays
  const inside = touch ? [] : [{ type: "inside", filterMode, zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false }];
  if (!slider) return inside;
  const look = {
    filterMode,
    height: 24,
    bottom: 4,
    borderColor: colours.rule,
    fillerColor: translucent(colours.muted, 0.15),
    handleStyle: { color: colours.paper, borderColor: colours.muted },
    moveHandleStyle: { color: colours.muted },
    dataBackground: { lineStyle: { color: colours.rule }, areaStyle: { color: colours.faint } },
    selectedDataBackground: { lineStyle: { color: colours.muted }, areaStyle: { color: colours.rule } },
    textStyle: { color: colours.muted },
    labelFormatter: (value) => isoDay(value),
    brushSelect: false,
  };
  return [...inside, { type: "slider", ...look }];
}

function historyOption(colours) {
  const { lines } = page.history;
  const [first, last] = [times[0], times[times.length - 1]];
  const series = lines.map((line) => historyLine(colours, line));
  series.push(episodeMarks(colours, lines[0].values), ...stripSeries(colours));
  const log = lines.some((line) => line.log);
  return {
    grid: grid({ top: 40 + stripsHeight(), bottom: 42 }),
    graphic: stripLabels(colours),
    xAxis: timeAxis(colours, { min: first, max: last }),
    yAxis: log ? logAxis(colours, lines, first, last) : valueAxis(colours, level, { scale: true }),
    tooltip: { trigger: "axis", formatter: historyTip(colours, lines) },
    dataZoom: zoomControls(colours, true),
    series,
  };
}

// The axis reaches to the threshold, even where the values in view do not.
function reaching(threshold) {
  return {
    min: ({ min }) => (threshold < min ? threshold : null),
    max: ({ max }) => (threshold > max ? threshold : null),
  };
}

function indicatorOption(colours, drawn) {
  const line = { ...drawn, role: "observed" };
  const values = historyLine(colours, line);
  const lineStyle = { color: colours.ink, type: [4, 3], width: 1.25 };
  if (line.threshold != null) values.markLine = markLines([{ yAxis: line.threshold }], { lineStyle, z: 4 });
  return {
    grid: grid(),
    xAxis: timeAxis(colours, { min: times[0], max: times[times.length - 1] }),
    yAxis: valueAxis(colours, level, {
      scale: true,
      splitNumber: 3,
      ...(line.threshold == null ? {} : reaching(line.threshold)),
    }),
    tooltip: { trigger: "axis", formatter: historyTip(colours, [line]) },
    dataZoom: zoomControls(colours, false),
    series: [values, episodeMarks(colours, line.values, false)],
  };
}

// A logarithmic axis does not follow the zoom by itself.
function refitOnZoom(chart) {
  const { lines } = page.history;
  if (!lines.some((line) => line.log)) return;
  chart.off("datazoom");
  chart.on("datazoom", () => {
    const { startValue, endValue } = chart.getOption().dataZoom[0];
    chart.setOption({ yAxis: logAxis(theme(), lines, startValue, endValue) });
  });
}

function zoomTo(chart, event) {
  const { start, trigger, end } = page.episodes;
  const at = event === "" ? null : trigger[Number(event)];
  const first = at == null ? 0 : Math.max(0, (start[event] ?? at) - MARGIN);
  const last = at == null ? times.length - 1 : Math.min(times.length - 1, (end[event] ?? at) + MARGIN);
  chart.dispatchAction({ type: "dataZoom", startValue: times[first], endValue: times[last] });
}

function drawHistory() {
  if (!page.history.lines.length) return;
  if (page.conditions.length) byId("chart-history").style.height = `calc(22rem + ${stripsHeight()}px)`;
  const prices = mount("chart-history", historyOption, refitOnZoom);
  const { indicator, cuts } = page.history;
  const below = Object.entries({ "chart-indicator": indicator, "chart-cuts": cuts }).filter(([, line]) => line);
  const mounted = below.map(([id, line]) => mount(id, (colours) => indicatorOption(colours, line)));
  if (below.length) echarts.connect([prices, ...mounted].map(({ chart }) => chart));
  byId("choose-episode")?.addEventListener("change", ({ target }) => zoomTo(prices.chart, target.value));
}
