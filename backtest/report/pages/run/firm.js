// How firm a finding is: the look that the reader chooses; without scripts, that of the verdict.

function drawFirm() {
  const choice = byId("choose-firm");
  if (!choice) return;
  const looks = [...document.querySelectorAll(".look")];
  const show = () => looks.forEach((look, at) => { look.hidden = at !== Number(choice.value); });
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
