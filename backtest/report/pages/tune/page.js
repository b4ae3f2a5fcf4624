// What the reader chooses to see of a tuned grid. Without scripts: the excess at the horizon tuned for.

const WRITE = { points, percent, probability, share, whole: (value) => number(value, 0) };
const DARKEST = 50; // as in heat.py
const SIDE_BY_SIDE = 12;
const TEXTS = 120;
const HEADS = 8;

function chosen() {
  const others = [...document.querySelectorAll("#choose-others select")];
  return {
    horizon: byId("choose-horizon").value,
    figure: byId("choose-figure").value,
    down: Number(byId("choose-down").value),
    across: Number(byId("choose-across").value),
    others: others.map((select) => [Number(select.dataset.key), Number(select.value)]),
  };
}

function whole(name, set) {
  return page.horizons[byId("choose-horizon").value][name][set];
}

function written(value, { write, decimals }) {
  return WRITE[write](value == null ? null : value / 10 ** decimals);
}

// The values, as whole numbers, at which the colours end.
function rangeOf(cells, name) {
  const { colours, decimals } = page.figures[name];
  if (colours === "small") return { kind: "small", low: 0, high: 10 ** decimals };
  const values = cells.map((sets) => median(sets.map((set) => whole(name, set))));
  const most = Math.max(0, ...values.map((value) => Math.abs(value ?? 0)));
  return { kind: colours, low: colours === "around" ? 0 - most : 0, high: most };
}

// As in heat.py: of whole numbers, halves rounded up.
function median(values) {
  const known = values.filter((value) => value != null).sort((a, b) => a - b);
  const middle = Math.floor(known.length / 2);
  if (!known.length) return null;
  return known.length % 2 ? known[middle] : Math.floor((known[middle - 1] + known[middle] + 1) / 2);
}

function tellOf(sets) {
  const marks =
    (sets.includes(page.best) ? ", the best" : "") + (sets.includes(page.own) ? ", the strategy's own" : "");
  if (page.grouped) return `median of ${number(sets.length, 0)} ${sets.length === 1 ? "set" : "sets"}${marks}`;
  const [set] = sets;
  const p = written(whole("p_adjusted", set), page.figures.p_adjusted);
  return `p adjusted ${p}; events ${written(whole("n", set), page.figures.n)}; set ${page.sets[set]}${marks}`;
}

function cellOf(sets, name, range, places) {
  if (sets === undefined) return element("td");
  const value = median(sets.map((set) => whole(name, set)));
  const figure = page.figures[name];
  const share = Math.abs(value ?? 0) / (range.high || 1);
  const shade = value == null ? 0 : Math.floor(DARKEST * (range.kind === "small" ? 1 - share : share) + 0.5);
  const side = value == null ? "none" : value < 0 ? "down" : "up";
  const text = written(value, figure);
  const best = sets.includes(page.best);
  const own = sets.includes(page.own);
  const starred = sets.some((set) => page.starred[chosen().horizon].includes(set));
  const attributes = {
    class: side + (best ? " own" : "") + (starred ? " star" : "") + (own ? " default" : ""),
    style: `--share: ${shade}%`,
    title: `${places.join(", ")}: ${text}; ${tellOf(sets)}`,
  };
  return element("td", attributes, text.replace(" pp", "") + (starred ? " *" : ""));
}

function fillGrid() {
  const { horizon, figure, down, across, others } = chosen();
  const seen = new Map();
  page.at.forEach((at, set) => {
    const cell = `${at[down]} ${at[across]}`;
    if (others.every(([key, place]) => at[key] === place)) seen.set(cell, [...(seen.get(cell) ?? []), set]);
  });
  const range = rangeOf([...seen.values()], figure);
  const [[nameDown, valuesDown], [nameAcross, valuesAcross]] = [page.grid[down], page.grid[across]];
  const table = byId("grid-of-sets");
  const bare = valuesAcross.length > SIDE_BY_SIDE || valuesAcross.length * valuesDown.length > TEXTS;
  table.className = bare ? "heat sets bare" : "heat sets";
  const told = others.map(([key, place]) => `; ${page.grid[key][0]} = ${page.grid[key][1][place]}`).join("");
  byId("grid-caption").textContent =
    `After ${period(horizon)}: ${page.figures[figure].name}. ` +
    `${nameAcross} from left to right, ${nameDown} from top to bottom${told}` +
    `${page.grouped ? "; each cell the median of its sets" : ""}.`;
  const step = Math.ceil(valuesAcross.length / HEADS);
  const heads = valuesAcross.map((text, j) => {
    return element("th", bare && j % step ? { scope: "col", class: "skipped" } : { scope: "col" }, text);
  });
  table.tHead.rows[0].replaceChildren(element("th", { scope: "col" }, nameDown), ...heads);
  const rows = valuesDown.map((label, i) => {
    const cells = valuesAcross.map((other, j) => cellOf(seen.get(`${i} ${j}`), figure, range, [label, other]));
    return element("tr", {}, element("th", { scope: "row" }, label), ...cells);
  });
  table.tBodies[0].replaceChildren(...rows);
  const [low, ramp, high] = byId("ramp").children;
  low.textContent = written(range.low, page.figures[figure]);
  high.textContent = written(range.high, page.figures[figure]);
  ramp.className = range.kind;
}

// One select for every parameter that is on neither axis; it starts at the best set's value.
function offerOthers() {
  if (page.grouped) return;
  const axes = [chosen().down, chosen().across];
  const selects = page.grid.flatMap(([key, values], at) => {
    if (axes.includes(at)) return [];
    const select = element("select", { "data-key": at });
    values.forEach((value, place) => select.append(element("option", { value: place }, value)));
    select.value = String(page.at[page.best ?? 0]?.[at] ?? 0);
    return [element("label", {}, key, " ", select)];
  });
  byId("choose-others").replaceChildren(...selects);
}

// The two axes never show the same parameter: the one that was not just chosen gives way.
function keepAxesApart(changed) {
  const [down, across] = [byId("choose-down"), byId("choose-across")];
  if (down.value !== across.value) return;
  const other = changed === down ? across : down;
  other.value = String(page.grid.findIndex((_, at) => String(at) !== changed.value));
}

function showViews() {
  for (const view of document.querySelectorAll(".view")) {
    const { horizon, figure } = view.dataset;
    view.hidden = horizon !== byId("choose-horizon").value || (figure && figure !== byId("choose-figure").value);
  }
}

function choose() {
  document.querySelector(".choice").addEventListener("change", ({ target }) => {
    showViews();
    if (!page.grid) return;
    keepAxesApart(target);
    if (target.id === "choose-down" || target.id === "choose-across") offerOthers();
    fillGrid();
  });
  showViews(); // a browser may restore an earlier choice
  if (page.grid) fillGrid();
}

if (byId("choose-horizon")) choose(); // without a look there is nothing to choose
sortable(byId("table-of-sets"));
