// Numbers and dates, in the same words as the tables.

const NONE = "–";
const DAY = 86400000;

function signed(value, digits) {
  const text = Math.abs(value).toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const zero = !/[1-9]/.test(text);
  return (zero ? "" : value > 0 ? "+" : "−") + text;
}

function percent(value, digits = 2) {
  return value == null ? NONE : signed(value * 100, digits) + "%";
}

function points(value, digits = 2) {
  return value == null ? NONE : signed(value * 100, digits) + " pp";
}

function probability(value) {
  if (value == null) return NONE;
  if (value < 0.001) return "<0.001";
  return value.toFixed(3);
}

function level(value) {
  if (value == null) return NONE;
  const text = value.toLocaleString("en-US", { maximumSignificantDigits: 6 });
  return text.replace("-", "−");
}

function sessions(count) {
  return count === 1 ? "1 session" : `${count.toLocaleString("en-US")} sessions`;
}

function isoDay(time) {
  return new Date(time).toISOString().slice(0, 10);
}

// First day and gaps, as packed by the page, to times in milliseconds.
function unpackCalendar({ first, gaps }) {
  let day = first;
  const times = [day * DAY];
  for (const gap of gaps) times.push((day += gap) * DAY);
  return times;
}
