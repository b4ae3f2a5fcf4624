// Colours come from the style sheet, so that charts follow the page into the dark and onto paper.

const COLOURS = [
  "paper", "panel", "ink", "muted", "rule", "faint", "asset", "benchmark", "spread", "observed", "mark",
  "low", "middle", "high", "study-1", "study-2", "study-3", "study-4", "study-5", "study-6", "study-7", "study-8",
];

function theme() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

function channels(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

// Relative luminance, as WCAG 2 defines it.
function luminance(parts) {
  const [red, green, blue] = parts
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 11 / 200) / (211 / 200)) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// The first colour of a text that stands out enough from its ground, 4.5 to 1; black or white always does.
function legibleOn(ground, colours) {
  return [...colours, "#000000", "#ffffff"].find((colour) => {
    const [dark, light] = [luminance(ground), luminance(channels(colour))].sort((a, b) => a - b);
    return (light + 1 / 20) / (dark + 1 / 20) >= 4.5;
  });
}

// The same colour, let through: `share` of it is kept.
function translucent(colour, share) {
  const [red, green, blue] = channels(colour);
  return `rgba(${red},${green},${blue},${share})`;
}
