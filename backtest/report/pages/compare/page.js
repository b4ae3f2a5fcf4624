// The page of a comparison: excess by horizon, and a timeline of events.

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
