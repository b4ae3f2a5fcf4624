// Colours come from the style sheet, so that charts follow the page into the dark and onto paper.

const COLOURS = [
  "paper", "panel", "ink", "muted", "rule", "faint", "asset", "benchmark", "spread", "observed", "mark",
  "low", "middle", "high", "study-1", "study-2", "study-3", "study-4", "study-5", "study-6", "study-7", "study-8",
];

function theme() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

// The same colour, let through: `share` of it is kept.
function translucent(colour, share) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${red},${green},${blue},${share})`;
}
