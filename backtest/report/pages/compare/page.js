// The page of a comparison: excess by horizon, and a timeline of events.

const ROUNDS = ["solid", "dashed", "dotted"];

function studyColour(colours, index) {
  return colours[`study-${(index % 8) + 1}`];
}

function named(study) {
  return page.labels[study] + (page.simulated[study] ? " (SIMULATED)" : "");
}

function excessOption(colours) {
  const { labels, horizons, excess } = page;
  const formatter = ([{ dataIndex }]) => {
    const rows = labels.map((_, study) => {
      const cell = excess[study][dataIndex];
      return [studyColour(colours, study), named(study), `${points(cell.excess)}, p adj. ${probability(cell.p_adjusted)}`];
    });
    return tip(`${sessions(horizons[dataIndex].horizon)}, ${horizons[dataIndex].words}`, rows);
  };
  return {
    grid: grid({ bottom: 24 }),
    xAxis: lineAxis(colours, {
      type: "category",
      data: horizons.map(({ horizon }) => String(horizon)),
      name: "horizon, sessions",
      nameLocation: "middle",
      nameGap: 26,
    }),
    yAxis: valueAxis(colours, axisPoints),
    tooltip: { trigger: "axis", formatter },
    series: labels.map((label, study) => ({
      name: label,
      type: "line",
      data: excess[study].map((cell) => cell.excess),
      symbol: "circle",
      symbolSize: 7,
      lineStyle: { width: 2, color: studyColour(colours, study), type: ROUNDS[Math.floor(study / 8)] },
      itemStyle: { color: studyColour(colours, study) },
      emphasis: { focus: "series" },
    })),
  };
}

function timelineOption(colours) {
  const { labels, timeline } = page;
  const marks = (kind, symbol, look) => ({
    name: kind,
    type: "scatter",
    symbol,
    symbolSize: 9,
    itemStyle: look,
    data: timeline.flatMap((study, row) => study[kind].map((day) => [day, row])),
  });
  const short = (label, study) =>
    (label.length > 24 ? `${label.slice(0, 23)}…` : label) + (page.simulated[study] ? "\nSIMULATED" : "");
  return {
    grid: grid(),
    xAxis: timeAxis(colours, { splitLine: { show: true, lineStyle: { color: colours.faint } } }),
    yAxis: lineAxis(colours, {
      type: "category",
      data: labels.map(short),
      inverse: true,
      axisLabel: { interval: 0, hideOverlap: false, lineHeight: 14 },
    }),
    tooltip: {
      trigger: "item",
      formatter: ({ value, seriesName }) => tip(value[0], [[null, named(value[1]), seriesName]]),
    },
    series: [
      marks("own", "circle", { opacity: 1, color: colours.paper, borderColor: colours.muted, borderWidth: 1.5 }),
      marks("shared", "diamond", { opacity: 1, color: colours.mark, borderColor: colours.paper, borderWidth: 1 }),
    ],
  };
}

byId("chart-timeline").style.height = `${5 + page.labels.length * 2}rem`;
mount("chart-excess", excessOption);
mount("chart-timeline", timelineOption);
followPage();
