// Several assets: the reader chooses whose path, outcomes and rules are shown; the table above has them all.

function drawAssets() {
  const choices = [...document.querySelectorAll(".choose-asset")];
  if (!choices.length) return;
  mount("chart-excess", excessOption);
  const show = (at) => {
    Object.assign(page, page.assets[at]);
    for (const choice of choices) choice.value = at;
    for (const name of document.querySelectorAll("[data-leg]")) name.textContent = page.legs[name.dataset.leg];
    for (const id of ["chart-legs", "chart-spread"]) charts.find(({ box }) => box.id === id)?.redraw();
    for (const id of ["choose-horizon", "choose-rules"]) byId(id)?.dispatchEvent(new Event("change"));
  };
  for (const choice of choices) choice.addEventListener("change", () => show(choice.value));
  show(choices[0].value); // a browser may restore an earlier choice
}
