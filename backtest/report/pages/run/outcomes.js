// What followed every event, at the horizon that the reader chooses.

const ROWS = 30; // up to this many events stand as rows, each with its date; more stand as columns

const paired = page.measured.key === "spread"; // else the asset stands alone, and what is judged is its return
const judgedText = paired ? points : percent;

function outcomesAt(horizon) {
  const found = page.outcomes.by_horizon[horizon];
  const judged = found[page.measured.key];
  const known = page.outcomes.day0.map((_, event) => event).filter((event) => judged[event] != null);
  return { ...found, judged, known };
}

function outcomeTip(colours, found, event) {
  return tip(page.outcomes.day0[event], [
    ...Object.entries(page.legs).map(([leg, name]) => [colours[leg], name, percent(found[leg][event])]),
    ...(paired ? [[null, "spread", points(found.spread[event])]] : []),
    [null, "lowest within", judgedText(found.mae[event])],
    [null, "highest within", judgedText(found.mfe[event])],
  ]);
}

function outcomeOption(colours, horizon) {
  const found = outcomesAt(horizon);
  const rows = found.known.length <= ROWS;
  const labels = found.known.map((event) => page.outcomes.day0[event]);
  const across = lineAxis(colours, { type: "category", data: labels, inverse: rows });
  const along = valueAxis(colours, axisPercent);
  const leader = (event) => (!paired || found.judged[event] >= 0 ? colours.asset : colours.benchmark);
  const dots = (leg) => ({
    name: page.legs[leg],
    type: "scatter",
    z: 4,
    symbolSize: rows ? 10 : 5,
    itemStyle: { opacity: 1, color: colours[leg], borderColor: colours.paper, borderWidth: rows ? 1.5 : 0 },
    data: found.known.map((event, at) => (rows ? [found[leg][event], at] : [at, found[leg][event]])),
  });
  const mark = (value, colour, type) => ({
    [rows ? "xAxis" : "yAxis"]: value,
    lineStyle: { color: colour, type, width: 1.75 },
  });
  const marks = [];
  if (found.base != null) marks.push(mark(found.base, colours.muted, [5, 4]));
  if (found.mean != null) marks.push(mark(found.mean, colours.mark, "solid"));
  return {
    grid: grid(rows ? {} : { left: 20, right: 34 }),
    xAxis: rows ? along : across,
    yAxis: rows ? across : along,
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow", shadowStyle: { color: translucent(colours.muted, 0.12) } },
      formatter: ([{ dataIndex }]) => outcomeTip(colours, found, found.known[dataIndex]),
    },
    series: [
      {
        name: page.measured.word,
        type: "bar",
        barMaxWidth: 14,
        barCategoryGap: rows ? "55%" : "20%",
        data: found.known.map((event) => ({
          value: found.judged[event],
          itemStyle: { color: translucent(leader(event), rows ? 0.45 : 0.8) },
        })),
        markLine: markLines(marks, { z: 3 }),
      },
      ...(paired && found.known.length <= 120 ? Object.keys(page.legs).map(dots) : []),
    ],
  };
}

const LISTED = 12;

// What is not complete is listed by date, never dropped; a long list ends in a number.
function listIncomplete(horizon) {
  const { status } = outcomesAt(horizon);
  const groups = {};
  page.outcomes.day0.forEach((day, event) => {
    if (status[event] !== "complete") (groups[status[event]] ??= []).push(day);
  });
  const listed = (days) =>
    days.length > LISTED ? `${days.slice(0, LISTED).join(", ")} and ${days.length - LISTED} more` : days.join(", ");
  const texts = Object.entries(groups).map(([reason, days]) => `${listed(days)} (${reason})`);
  byId("not-complete").textContent = texts.length ? `Not in the chart: ${texts.join("; ")}.` : "";
}

function fillEvents(horizon) {
  const found = outcomesAt(horizon);
  const write = { asset: percent, benchmark: percent, spread: points, mae: judgedText, mfe: judgedText, status: String };
  for (const row of byId("events").tBodies[0].rows) {
    const event = Number(row.dataset.position);
    for (const cell of row.querySelectorAll("[data-figure]")) {
      cell.textContent = write[cell.dataset.figure](found[cell.dataset.figure][event]);
    }
  }
  byId("events").querySelector("[data-horizon-words]").textContent = period(horizon);
}

function sizeOutcomes(horizon) {
  const { known } = outcomesAt(horizon);
  const rows = known.length <= ROWS;
  byId("chart-outcomes").style.height = rows ? `${Math.max(7, 4 + known.length * 1.9)}rem` : "";
}

function drawOutcomes() {
  const choice = byId("choose-horizon");
  if (!choice) return;
  sizeOutcomes(choice.value);
  listIncomplete(choice.value);
  const { chart, redraw } = mount("chart-outcomes", (colours) => outcomeOption(colours, choice.value));
  const show = () => {
    sizeOutcomes(choice.value);
    listIncomplete(choice.value);
    fillEvents(choice.value);
    chart.resize();
    redraw();
  };
  choice.addEventListener("change", show);
  if (choice.value !== String(page.outcomes.chosen)) show(); // a browser may restore an earlier choice
}
