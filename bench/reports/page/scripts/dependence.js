// What the values of the top features add to the score: SHAP values by range and level.

const dependenceState = { of: 0 };

function dependenceView(width) {
  const told = found.dependence;
  if (!told.length) {
    return [el("p", { class: "aside" }, "Not known of these fits: they are of an older version, or no model here has SHAP values. A new --out makes them anew, with --importance native.")];
  }
  const again = () => dependenceView.again();
  const pick = choice("as learnt by", told.map((one, k) => [String(k), rows[one.row].name]), String(dependenceState.of), (value) => {
    dependenceState.of = Number(value);
    again();
  });
  const { features } = told[dependenceState.of];
  const bounds = features.flatMap(({ bins }) => bins.flatMap(([, , , , low, high]) => [low, high]));
  const range = [Math.min(0, ...bounds), Math.max(0, ...bounds)];
  return [
    el("div", { class: "controls" }, pick),
    el("div", { class: "two" }, features.map((one) => (one.kind === "number" ? numberPlot(columnWidth(width), one, range) : levelPlot(one, range)))),
    el("p", { class: "aside" }, "SHAP: what a value adds to the score (the logarithm of the odds), above 0 towards leaving. Means over splits; lines and bands reach from the 10th to the 90th percentile. Ranges and levels with fewer than 10 test rows in a split are left out. What the model has learnt need not be a cause."),
  ];
}

function numberPlot(width, { feature, bins }, range) {
  const known = sorted(bins.filter(([, at]) => isNumber(at)), { value: ([, at]) => at }, false);
  const missing = bins.find(([, at]) => !isNumber(at));
  if (!known.length) return levelPlot({ feature, bins }, range);
  const ends = [known[0][1], known[known.length - 1][1]];
  if (ends[0] === ends[1]) ends[1] += 1;
  const name = clipped(found.names[feature]);
  return plot(width, {
    caption: name,
    note: missing ? `missing: ${figure(missing[3], 2, true)}` : "",
    height: 230,
    isListed: false,
    x: { domain: ends, label: name, format: (value) => Number(value.toPrecision(3)).toLocaleString("en-GB") },
    y: { domain: range, label: "adds to the score", format: (value) => figure(value, 1, true) || "0" },
    layers: [
      { band: known.map(([, at, , , low, high]) => [at, low, high]), colour: "var(--c0)" },
      { name: "mean", points: known.map(([, at, , middle]) => [at, middle]), colour: "var(--c0)" },
      { atY: 0, dash: "2 3" },
    ],
  });
}

function levelPlot({ feature, bins }, range) {
  return el("figure", {},
    el("figcaption", {}, el("strong", {}, clipped(found.names[feature]))),
    table({
      label: `What ${found.names[feature]} adds`,
      rows: bins,
      state: { by: 1, isDescending: true },
      limit: 8,
      columns: [
        { title: "level", value: ([label]) => label, cell: ([label]) => el("bdi", {}, clipped(label ?? "a number")), kind: "name" },
        { title: "adds", value: ([, , , middle]) => middle, cell: ([, , , middle]) => figure(middle, 2, true), isNumber: true },
        { title: "10 to 90 %", cell: ([, , , middle, low, high]) => el("span", { title: `${figure(low, 2, true)} to ${figure(high, 2, true)}` }, intervalBar([low, middle, high], range, { isStrong: true, reference: 0 })) },
      ],
    }));
}

/** Return a name that has room beside a figure. */
function clipped(name) {
  const letters = [...name];
  return letters.length > 40 ? `${letters.slice(0, 39).join("")}…` : name;
}
