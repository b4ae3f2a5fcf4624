// The account of the tradable version; the shaded spans are those in which a position was held.

function equityOption(colours) {
  const { calendar, values, held, log } = page.equity;
  const when = unpackCalendar(calendar);
  const format = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 3 });
  const low = Math.min(...values);
  const high = Math.max(...values);
  const axis = log
    ? { ...valueAxis(colours, format), type: "log", min: low / 1.05, max: high * 1.05 }
    : valueAxis(colours, format, { scale: true });
  if (log) {
    axis.axisTick = { show: false, customValues: logTicks(axis.min, axis.max) };
    axis.axisLabel = { ...axis.axisLabel, customValues: axis.axisTick.customValues };
  }
  return {
    grid: grid(),
    xAxis: timeAxis(colours),
    yAxis: axis,
    tooltip: {
      trigger: "axis",
      formatter: ([{ axisValue }]) => {
        const at = nearest(when, axisValue);
        const holding = held.some(([first, last]) => at >= first && at <= last);
        return tip(isoDay(when[at]), [
          [colours.spread, "value", level(values[at])],
          [null, "position", holding ? "held" : "none"],
        ]);
      },
    },
    series: [
      {
        type: "line",
        step: false,
        showSymbol: false,
        data: when.map((time, index) => [time, values[index]]),
        lineStyle: { color: colours.spread, width: 1.6 },
        itemStyle: { color: colours.spread },
        markArea: {
          silent: true,
          itemStyle: { color: colours.faint },
          data: held.map(([first, last]) => [{ xAxis: when[first] }, { xAxis: when[last] }]),
        },
      },
    ],
  };
}

function drawEquity() {
  if (page.equity) mount("chart-equity", equityOption);
}
