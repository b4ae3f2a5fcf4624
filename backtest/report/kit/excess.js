// Excess over the base rate by horizon, a line each for studies or assets that stand side by side.

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
    return tip(`${period(horizons[dataIndex].horizon)}, ${horizons[dataIndex].words}`, rows);
  };
  return {
    grid: grid({ bottom: 24 }),
    xAxis: lineAxis(colours, {
      type: "category",
      data: horizons.map(({ horizon }) => String(horizon)),
      name: horizons.some(({ horizon }) => typeof horizon === "string") ? "horizon" : "horizon, sessions",
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
