// The tuned grid: which set stands where, and what the reader chose to see of it.

const FIGURES = {
  excess: { format: points, axis: axisPoints, diverges: true, name: "excess" },
  mean: { ...(page.word === "spread" ? { format: points, axis: axisPoints } : { format: percent, axis: axisPercent }), diverges: true, name: `mean ${page.word}` },
  base: { ...(page.word === "spread" ? { format: points, axis: axisPoints } : { format: percent, axis: axisPercent }), diverges: true, name: "base rate" },
  p_adjusted: { format: probability, axis: probability, small: true, name: "p adjusted" },
  p_value: { format: probability, axis: probability, small: true, name: "p" },
  n: { format: (value) => (value == null ? NONE : String(value)), axis: String, name: "events" },
  hit_rate: { format: share, axis: share, name: "hit rate" },
};

function figureAt(horizon, name, set) {
  const whole = page.horizons[horizon][name][set];
  return whole == null ? null : whole / 10 ** page.decimals[name];
}

function chosen() {
  const axes = ["choose-down", "choose-across"].map((id) => byId(id)).filter(Boolean);
  const others = [...document.querySelectorAll("#choose-others select")];
  return {
    horizon: byId("choose-horizon").value,
    figure: byId("choose-figure").value,
    axes: axes.length ? axes.map((select) => Number(select.value)) : page.grid.length ? [0] : [],
    others: others.map((select) => [Number(select.dataset.key), Number(select.value)]),
  };
}

// Sets in which every parameter that is not on an axis has its chosen value.
function visibleSets() {
  const { others } = chosen();
  return page.sets.map((_, set) => set).filter((set) => others.every(([key, place]) => page.at[set][key] === place));
}

function setTip(colours, set) {
  const { horizon } = chosen();
  const rows = page.grid.map(([key, values], at) => [null, key, values[page.at[set][at]] ?? NONE]);
  for (const [name, { format, name: label }] of Object.entries(FIGURES)) {
    rows.push([null, label, format(figureAt(horizon, name, set))]);
  }
  return tip(`Set ${page.sets[set]}${set === page.best ? ", the best" : ""}`, rows, `over ${period(horizon)}`);
}

// One select for every parameter that is on neither axis; it starts at the best set's value.
function offerOthers() {
  const { axes } = chosen();
  const selects = page.grid.flatMap(([key, values], at) => {
    if (axes.includes(at)) return [];
    const select = element("select", { "data-key": at });
    values.forEach((value, place) => select.append(element("option", { value: place }, value)));
    select.value = String(page.at[page.best ?? 0]?.[at] ?? 0);
    return [element("label", {}, key, select)];
  });
  byId("choose-others").replaceChildren(...selects);
}

// The two axes never show the same parameter: the one that was not just chosen gives way.
function keepAxesApart(changed) {
  const [down, across] = [byId("choose-down"), byId("choose-across")];
  if (!down || down.value !== across.value) return;
  const other = changed === down ? across : down;
  other.value = String(page.grid.findIndex((_, at) => String(at) !== changed.value));
}
