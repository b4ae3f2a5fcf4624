// Tables that sort: every heading becomes a button; numbers go by value, dates and words by spelling.

function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = element("button", { type: "button" }, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sortRows(table.tBodies[0], column, down ? -1 : 1);
    });
  });
}

function sortRows(body, column, sign) {
  const keyed = [...body.rows].map((row) => [row.cells[column].dataset.value ?? row.cells[column].textContent, row]);
  const order = ([a], [b]) => {
    if (a === "" || b === "") return (a === "") - (b === ""); // what has no number stands last, either way
    const numbers = [Number(a), Number(b)];
    return sign * (numbers.some(Number.isNaN) ? a.localeCompare(b) : numbers[0] - numbers[1]);
  };
  body.append(...keyed.sort(order).map(([, row]) => row));
}
