// A band between two lines, drawn as one polygon for every unbroken stretch.

function stretches(low, high) {
  const found = [];
  let open = null;
  low.forEach((value, index) => {
    const known = value != null && high[index] != null;
    if (known && open) open[1] = index;
    else if (known) found.push((open = [index, index]));
    else open = null;
  });
  return found.filter(([first, last]) => last > first);
}

function band(x, low, high, colour) {
  const parts = stretches(low, high);
  const known = [...low, ...high].filter((value) => value != null);
  return {
    type: "custom",
    silent: true,
    clip: true,
    z: 1,
    dimensions: ["x", "low", "high"],
    encode: { x: 0, y: [1, 2] },
    // The first row of a stretch draws all of it; the others only widen the axis.
    data: x.map((at, index) => [at, low[index] ?? NaN, high[index] ?? NaN]),
    renderItem(params, api) {
      const part = parts.find(([first]) => first === params.dataIndex);
      if (!part || !known.length) return null;
      const points = [];
      for (let index = part[0]; index <= part[1]; index += 1) points.push(api.coord([x[index], high[index]]));
      for (let index = part[1]; index >= part[0]; index -= 1) points.push(api.coord([x[index], low[index]]));
      return { type: "polygon", shape: { points }, style: { fill: translucent(colour, 0.15) } };
    },
  };
}
