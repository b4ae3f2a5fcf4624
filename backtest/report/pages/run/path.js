// The average path: what is held in one chart and, where there are two legs, their spread in the other.

function pathLine(name, x, values, colour, dashed) {
  return {
    name,
    type: "line",
    data: x.map((at, index) => [at, values[index]]),
    showSymbol: false,
    z: dashed ? 2 : 3,
    lineStyle: { color: colour, width: dashed ? 1.5 : 2.25, type: dashed ? [5, 4] : "solid" },
    itemStyle: { color: colour },
  };
}

function pathOption(colours, legs, format, axisFormat) {
  const { offset, n } = page.path;
  const series = [];
  for (const leg of legs) {
    const { mean, low, high, base } = page.path[leg];
    series.push(band(offset, low, high, colours[leg]));
    series.push(pathLine(leg, offset, base, legs.length > 1 ? colours[leg] : colours.muted, true));
    series.push(pathLine(leg, offset, mean, colours[leg], false));
  }
  const lineStyle = { color: colours.muted, type: "solid", width: 1 };
  series[0].markLine = markLines([{ xAxis: 0 }, { yAxis: 0 }], { lineStyle });
  const formatter = ([{ axisValue }]) => {
    const at = offset.indexOf(Number(axisValue));
    const rows = legs.flatMap((leg) => {
      const path = page.path[leg];
      const name = page.legs[leg] ?? "spread";
      return [
        [colours[leg], name, format(path.mean[at])],
        [null, "quartiles", `${format(path.low[at])} to ${format(path.high[at])}`],
        [null, "base rate", format(path.base[at])],
      ];
    });
    const heading = offset[at] === 0 ? "Day 0" : `${signed(offset[at], 0)} sessions`;
    return tip(heading, rows, `${n[at]} of ${page.n_events} events`);
  };
  return {
    grid: grid({ bottom: 24 }),
    xAxis: lineAxis(colours, {
      type: "value",
      min: offset[0],
      max: offset[offset.length - 1],
      name: "sessions from day 0",
      nameLocation: "middle",
      nameGap: 26,
      axisLabel: { formatter: (value) => signed(value, 0) },
    }),
    yAxis: valueAxis(colours, axisFormat),
    tooltip: { trigger: "axis", formatter },
    series,
  };
}

function drawPaths() {
  if (!page.path.offset.length) return;
  mount("chart-legs", (colours) => pathOption(colours, Object.keys(page.legs), percent, axisPercent));
  if (page.path.spread) mount("chart-spread", (colours) => pathOption(colours, ["spread"], points, axisPoints));
}
