// Elements are made here and nowhere else, and text only ever enters them as text.

const page = JSON.parse(document.getElementById("data").textContent);

function byId(id) {
  return document.getElementById(id);
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// A tooltip: a heading, then rows of [colour or null, label, value].
function tip(heading, rows, remark = "") {
  const body = rows.map(([colour, label, value]) => {
    const dot = colour ? [element("span", { class: "dot-key" })] : [];
    if (colour) dot[0].style.background = colour;
    return element("tr", {}, element("th", {}, ...dot, label), element("td", {}, value));
  });
  const made = element("div", { class: "tip" }, element("strong", {}, heading), element("table", {}, ...body));
  if (remark) made.append(remark);
  return made;
}
