// One life for every chart: drawn as SVG, redrawn when the page is resized, darkened or printed.

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const charts = [];

// Mount a chart in the element of this id. `build(colours)` returns its option; `ready(chart)` may listen to it.
function mount(id, build, ready = () => {}) {
  const box = byId(id);
  if (!box) return null;
  const chart = echarts.init(box, null, { renderer: "svg" });
  const entry = { box, chart, redraw: () => chart.setOption(finish(build(theme())), { notMerge: true }), ready };
  entry.redraw();
  ready(chart);
  charts.push(entry);
  return entry;
}

// What all charts share.
function finish(option) {
  const colours = theme();
  const shared = {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: FONT, color: colours.ink },
    tooltip: {
      confine: true,
      backgroundColor: colours.paper,
      borderColor: colours.rule,
      textStyle: { color: colours.ink },
      ...option.tooltip,
    },
  };
  const graphic = page.synthetic ? [...(option.graphic || []), stamp(colours)] : option.graphic || [];
  return { ...option, ...shared, graphic };
}

// A picture of a chart travels without its page: simulated data say so inside every one.
function stamp(colours) {
  const of = page.simulated?.length;
  const some = page.simulated?.filter(Boolean).length;
  const text = some < of ? `SIMULATED DATA IN ${some} OF ${of} STUDIES` : "SIMULATED DATA";
  const style = { text, fill: colours.muted, opacity: 0.75, font: `700 11px ${FONT}` };
  return { type: "text", right: 14, top: 2, z: 20, silent: true, style };
}

function redrawAll() {
  for (const { box, chart, redraw, ready } of charts) {
    chart.resize({ width: box.clientWidth, height: box.clientHeight });
    redraw();
    ready(chart);
  }
}

// Paper may be narrower than the screen thought: a picture with a view box shrinks as a whole.
function fitToPaper(box, chart) {
  box.querySelector("svg")?.setAttribute("viewBox", `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
}

function followPage() {
  const observer = new ResizeObserver(() => {
    for (const { box, chart } of charts) {
      const changed = chart.getWidth() !== box.clientWidth || chart.getHeight() !== box.clientHeight;
      if (changed && box.clientWidth) chart.resize();
    }
  });
  for (const { box } of charts) observer.observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  const printing = (on) => () => {
    document.documentElement.classList.toggle("printing", on);
    redrawAll();
    if (on) charts.forEach(({ box, chart }) => fitToPaper(box, chart));
  };
  addEventListener("beforeprint", printing(true));
  addEventListener("afterprint", printing(false));
}
