// The counting rules at the horizon that the reader chooses; without scripts, all of them stand in the table.

function drawRules() {
  const choice = byId("choose-rules");
  if (!choice) return;
  const show = () => {
    for (const body of byId("rules-table").tBodies) body.hidden = body.dataset.horizon !== choice.value;
  };
  choice.addEventListener("change", show);
  show();
}
