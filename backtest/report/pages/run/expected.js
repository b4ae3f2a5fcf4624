// What futures expected at an event that the reader chooses: the path of the rate, and the odds of each meeting.

function expectedLine(colours, name, values, before) {
  const colour = before ? colours.muted : colours.observed;
  return {
    name,
    type: "line",
    data: values,
    symbol: "circle",
    symbolSize: before ? 4 : 6,
    connectNulls: false,
    z: before ? 2 : 3,
    lineStyle: { color: colour, width: before ? 1.5 : 2.25, type: before ? [5, 4] : "solid" },
    itemStyle: { color: colour },
  };
}

function rate(value) {
  return value == null ? NONE : number(value, 3) + "%";
}

function expectedOption(colours, { path }) {
  const before = `${sessions(page.expected.about.before)} before`;
  const formatter = ([{ dataIndex }]) =>
    tip(path.months[dataIndex], [
      [colours.observed, "on day 0", rate(path.rate[dataIndex])],
      [colours.muted, before, rate(path.before[dataIndex])],
    ]);
  return {
    grid: grid(),
    xAxis: lineAxis(colours, { type: "category", boundaryGap: false, data: path.months, axisLabel: { alignMaxLabel: "right" } }),
    yAxis: valueAxis(colours, (value) => `${level(value)}%`, { scale: true }),
    tooltip: { trigger: "axis", formatter },
    series: [
      expectedLine(colours, before, path.before, true),
      expectedLine(colours, "on day 0", path.rate, false),
    ],
  };
}

// Where the table is wider than its box, the column of today's target is in sight.
function showNow() {
  const table = byId("expected-odds");
  const head = table.querySelector("thead .now");
  const box = table.parentElement;
  if (head) box.scrollLeft = head.offsetLeft + head.offsetWidth - box.clientWidth;
}

function fillOdds({ columns, now, rows, version }) {
  if (version) byId("expected-version").textContent = version;
  const table = byId("expected-odds");
  const mark = (at) => (at === now ? { class: "now" } : {});
  const heads = columns.map((heading, at) => {
    const told = at === now ? [element("small", {}, "now")] : [];
    return element("th", { scope: "col", ...mark(at) }, heading, ...told);
  });
  table.tHead.rows[0].replaceChildren(element("th", { scope: "col" }, "Meeting"), ...heads);
  const lines = rows.map(({ meeting, reason, cells }) => {
    const odds = cells.map((text, at) => element("td", mark(at), text));
    const why = () => [element("td", { class: "words", colspan: columns.length }, reason)];
    return element("tr", {}, element("th", { scope: "row" }, meeting), ...(reason ? why() : odds));
  });
  table.tBodies[0].replaceChildren(...lines);
  showNow();
}

function drawExpected() {
  const found = page.expected;
  if (!found) return;
  let event = found.events[0];
  const path = mount("chart-expected", (colours) => expectedOption(colours, event));
  showNow();
  byId("choose-expected").addEventListener("change", ({ target }) => {
    event = found.events[Number(target.value)];
    for (const place of document.querySelectorAll("[data-expected-day]")) place.textContent = event.day0;
    fillOdds(event.odds);
    path.redraw();
  });
}
