// What the reader chooses to see: a look, an asset, a horizon, an event. Without scripts the finding's own is shown.

const chosen = { asset: 0, measured: page.assets[0].measured };

// Show one of several elements.
function showOne(elements, at) {
  elements.forEach((one, place) => {
    one.hidden = place !== at;
  });
}

function chooseLook() {
  const choice = byId("choose-look");
  const looks = [...document.querySelectorAll(".look-chart")];
  const show = () => showOne(looks, Number(choice.value));
  choice?.addEventListener("change", show);
  if (choice) show(); // a browser may restore an earlier choice
}

function chooseFirm() {
  const choice = byId("choose-firm");
  if (!choice) return;
  const looks = [...document.querySelectorAll(".look")];
  const show = () => showOne(looks, Number(choice.value));
  choice.addEventListener("change", show);
  // Where the reader chooses another asset, the same horizon of that is shown.
  for (const asset of document.querySelectorAll(".choose-asset")) {
    asset.addEventListener("change", () => {
      const { horizon } = looks[Number(choice.value)].dataset;
      const of = looks.filter((look) => look.dataset.asset === asset.value);
      const found = of.find((look) => look.dataset.horizon === horizon) ?? of[0];
      if (found) choice.value = looks.indexOf(found);
      show();
    });
  }
  show();
}

// The counting rules at one horizon; without scripts, all of them stand in the table.
function chooseRules() {
  const choice = byId("choose-rules");
  if (!choice) return;
  const show = () => {
    for (const body of byId("rules-table").tBodies) {
      const other = body.dataset.asset !== undefined && Number(body.dataset.asset) !== chosen.asset;
      body.hidden = body.dataset.horizon !== choice.value || other;
    }
  };
  choice.addEventListener("change", show);
  show();
}

function fillEvents(horizon) {
  const { measured, outcomes } = page.assets[chosen.asset];
  const found = outcomes.by_horizon[horizon];
  const judged = measured.word === "spread" ? points : percent;
  const write = { asset: percent, benchmark: percent, spread: points, mae: judged, mfe: judged };
  const heads = [...byId("events").tHead.rows[0].cells];
  [...byId("events").tBodies[0].rows].forEach((row, event) => {
    heads.forEach(({ dataset: { figure } }, column) => {
      if (figure === "status") row.cells[column].textContent = found.unlike[event] ?? "complete";
      else if (figure) row.cells[column].textContent = write[figure](found[figure][event]);
    });
  });
  byId("events").querySelector("[data-horizon-words]").textContent = period(horizon);
}

function chooseHorizon() {
  const choice = byId("choose-horizon");
  if (!choice) return;
  choice.addEventListener("change", () => fillEvents(choice.value));
  if (choice.value !== String(page.assets[0].outcomes.chosen)) fillEvents(choice.value);
}

// All choices of an asset are one.
function chooseAsset() {
  const choices = [...document.querySelectorAll(".choose-asset")];
  if (!choices.length) return;
  const show = (at) => {
    chosen.asset = Number(at);
    for (const choice of choices) choice.value = at;
    for (const name of document.querySelectorAll("[data-leg]")) {
      name.textContent = page.assets[chosen.asset].legs[name.dataset.leg];
    }
    for (const part of document.querySelectorAll("[data-of-asset]")) part.hidden = part.dataset.ofAsset !== String(at);
    for (const id of ["choose-horizon", "choose-rules"]) byId(id)?.dispatchEvent(new Event("change"));
  };
  for (const choice of choices) choice.addEventListener("change", () => show(choice.value));
  show(choices[0].value);
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

function chooseExpected() {
  const choice = byId("choose-expected");
  if (!choice) return;
  const paths = [...document.querySelectorAll(".rate-path")];
  const show = () => {
    const event = page.odds[Number(choice.value)];
    showOne(paths, Number(choice.value));
    for (const place of document.querySelectorAll("[data-expected-day]")) place.textContent = event.day0;
    fillOdds(event);
  };
  choice.addEventListener("change", show);
  if (choice.value === "0") showNow();
  else show();
}

chooseLook();
chooseFirm();
chooseRules();
chooseHorizon();
chooseAsset();
chooseExpected();
followPointer();
