// The counting rules at the horizon that the reader chooses; without scripts, all of them stand in the table.

function drawRules() {
  const choice = byId("choose-rules");
  if (!choice) return;
  const show = () => {
    const asset = document.querySelector(".choose-asset")?.value; // undefined where there is one asset
    for (const body of byId("rules-table").tBodies) {
      body.hidden = body.dataset.horizon !== choice.value || body.dataset.asset !== asset;
    }
  };
  choice.addEventListener("change", show);
  show();
}
