// The home page: sort by any column, and show only the rows that hold every word typed.

const runs = byId("runs");

if (runs) {
  sortable(runs);
  const rows = [...runs.tBodies[0].rows];
  const field = element("input", { type: "search", id: "words", placeholder: "strategy, dataset, tag, finding" });
  const shown = element("output", { for: "words" });
  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    const left = rows.filter((row) => !row.hidden).length;
    shown.textContent = words.length ? `${left} of ${rows.length}` : "";
  };
  field.addEventListener("input", show);
  byId("filter").append(element("label", { for: "words" }, "Show only"), field, shown);
}
