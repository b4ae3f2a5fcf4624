// What a pointer is told about a chart: a line at the nearest place, in every chart of that axis, and its values.

const WRITE = { percent, points, level, count: (value) => number(value, 0), held: (value) => (value ? "held" : "none") };
const bubble = element("div", { class: "tip bubble", hidden: "" });

// Places along a chart, in steps of its width, and their headings; those of days are only written as a calendar.
function placesOf(name) {
  const own = page.hover[page.hover[name].like ?? name];
  if (own.calendar && !own.x) {
    const times = unpackCalendar(own.calendar);
    const [first, last] = [times[0], times[times.length - 1]];
    own.x = times.map((time) => (10000 * (time - first)) / Math.max(last - first, DAY));
    own.heads = times.map(isoDay);
  }
  return own;
}

// Position of the number nearest to `wanted` in an increasing list.
function nearest(list, wanted) {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - list[low - 1] < list[low] - wanted ? low - 1 : low;
}

function cross(box, at, places) {
  const line = box.querySelector(".cross") ?? box.appendChild(element("div", { class: "cross" }));
  line.style.left = `${places.x[at] / 100}%`;
  line.hidden = false;
}

function showBubble(name, at, event) {
  const shown = page.hover[name].rows.map(({ colour, label, write, values, to }) => {
    const text = WRITE[write](values[at]);
    return [colour && `var(--${colour})`, label, to ? `${text} to ${WRITE[write](to[at])}` : text];
  });
  bubble.replaceChildren(tip(placesOf(name).heads[at], shown));
  bubble.hidden = false;
  const { width, height } = bubble.getBoundingClientRect();
  const room = document.documentElement.clientWidth;
  const left = event.clientX + 16 + width > room ? event.clientX - 16 - width : event.clientX + 16;
  bubble.style.left = `${Math.max(4, left)}px`;
  bubble.style.top = `${Math.max(4, event.clientY - height - 12)}px`;
}

function hideBubble() {
  bubble.hidden = true;
  for (const line of document.querySelectorAll(".cross")) line.hidden = true;
}

function followPointer() {
  document.body.append(bubble);
  const boxes = [...document.querySelectorAll("[data-hover]")];
  for (const box of boxes) {
    const name = box.dataset.hover;
    const places = placesOf(name);
    const alike = boxes.filter((other) => placesOf(other.dataset.hover) === places);
    box.addEventListener("pointermove", (event) => {
      const { left, width } = box.firstElementChild.getBoundingClientRect();
      const at = nearest(places.x, ((event.clientX - left) / width) * 10000);
      for (const other of alike) cross(other.firstElementChild, at, places);
      showBubble(name, at, event);
    });
    box.addEventListener("pointerleave", hideBubble);
    box.addEventListener("pointercancel", hideBubble);
  }
}
