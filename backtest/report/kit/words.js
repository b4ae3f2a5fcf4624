// Numbers and dates, written as backtest/format.py writes them: a test compares the two.

const NONE = "–";
const DAY = 86400000;

// Without its sign; a value just between two is rounded to the even one, as Python does and toFixed does not.
function fixed(value, digits) {
  const long = Math.abs(value).toFixed(digits + 30);
  const cut = long.slice(0, -30).replace(/\.$/, "");
  const between = long.endsWith("5".padEnd(30, "0"));
  const [whole, behind] = (between && /[02468]$/.test(cut) ? cut : Math.abs(value).toFixed(digits)).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return behind ? `${grouped}.${behind}` : grouped;
}

function number(value, digits = 2) {
  if (value == null) return NONE;
  const text = fixed(value, digits);
  return (value < 0 && /[1-9]/.test(text) ? "−" : "") + text;
}

function signed(value, digits) {
  const text = number(value, digits);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

function percent(value, digits = 2) {
  return value == null ? NONE : signed(value * 100, digits) + "%";
}

function points(value, digits = 2) {
  return value == null ? NONE : signed(value * 100, digits) + " pp";
}

function share(value, digits = 0) {
  if (value != null && digits === 0 && value > 0 && value < 0.005) return "<1%";
  return value == null ? NONE : number(value * 100, digits) + "%";
}

function probability(value) {
  if (value == null) return NONE;
  const text = fixed(value, 3), limit = 1 / 20;
  return value < 0.001 ? "<0.001" : value > limit && limit >= Number(text) ? `>${text}` : text;
}

function level(value) {
  if (value == null) return NONE;
  const text = value.toLocaleString("en-US", { maximumSignificantDigits: 6 });
  return text.replace("-", "−");
}

function sessions(count) {
  return count === 1 ? "1 session" : `${count.toLocaleString("en-US")} sessions`;
}

// A horizon: a number of sessions, or a word such as "3m"; a key of an object is always a text.
function period(horizon) {
  const [, count, unit] = /^(\d+)([wmy]?)$/.exec(horizon);
  if (!unit) return sessions(Number(count));
  return `${count} ${{ w: "week", m: "month", y: "year" }[unit]}${count === "1" ? "" : "s"}`;
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
