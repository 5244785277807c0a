// Model × strategy for any figure, and what each strategy changes against none.

const heatState = { metric: data.metric, tuning: "", shows: "figure" };
const isPlainRow = (row) => row.repair === "none" && row.decision === "f1";

function heatView(width) {
  const again = heatView.again;
  const change = (key) => (value) => {
    heatState[key] = value;
    again();
  };
  const ranked = Object.keys(data.metrics).filter((name) => data.metrics[name].direction !== "neither");
  const tunings = [...new Set(rows.filter(isPlainRow).map((row) => row.tuning))].sort();
  const controls = el(
    "div",
    { class: "controls" },
    choice("figure", ranked.map((name) => [name, metricTitle(name)]), heatState.metric, change("metric")),
    choice("tuning", [["", "the best of each"], ...tunings.map((one) => [one, one])], heatState.tuning, change("tuning")),
    choice("cells show", [["figure", "the figure"], ["change", "change against none"]], heatState.shows, change("shows"))
  );
  return [controls, heatTable(), el("h3", {}, `Change in ${metricTitle(heatState.metric)} against no strategy`), ...effectList(width)];
}

/** Return the best row of a model and a strategy, of the tuning that is asked for. */
function heatRow(model, strategy) {
  const { metric, tuning } = heatState;
  const sign = isLowerBetter(metric) ? 1 : -1;
  const found = rows.filter(
    (row) =>
      row.model === model && row.strategy === strategy && isPlainRow(row) && row.scores[metric] &&
      (!tuning || row.tuning === tuning) && row.coverage === 1
  );
  return sorted(found, { value: (row) => sign * score(row, metric) }, false)[0];
}

/** Return row number → its effect on the metric, by row. */
function effectsByRow(metric) {
  return new Map((data.effects[metric] || []).map((effect) => [effect[0], effect]));
}

function heatTable() {
  const { metric, shows } = heatState;
  const models = [...new Set(rows.filter((row) => isPlainRow(row) && !isBaseline(row)).map((row) => row.model))].sort();
  const found = new Set(rows.filter((row) => isPlainRow(row) && !isBaseline(row)).map((row) => row.strategy));
  const strategies = ["none", ...[...found].filter((name) => name !== "none").sort()].filter((name) => found.has(name));
  const effects = effectsByRow(metric);
  const cellOf = (model, strategy) => {
    const row = heatRow(model, strategy);
    if (!row) return null;
    const effect = effects.get(row.number);
    if (shows === "change") return effect ? { row, effect, value: effect[1] } : null;
    return { row, effect, value: score(row, metric) };
  };
  const grid = models.map((model) => strategies.map((strategy) => cellOf(model, strategy)));
  const values = grid.flat().filter(Boolean).map((cell) => cell.value);
  const shade = shows === "change" ? aroundZero(values, isLowerBetter(metric)) : ranged(values, isLowerBetter(metric));
  const digits = digitsOf(metric);
  return el(
    "div",
    { class: "wide", role: "region", tabindex: 0, "aria-label": "Model by strategy" },
    el(
      "table",
      { class: "heat" },
      el("thead", {}, el("tr", {}, el("th", {}, ""), strategies.map((name) => el("th", { scope: "col" }, name)))),
      el(
        "tbody",
        {},
        models.map((model, m) =>
          el("tr", {}, el("th", { scope: "row" }, model), strategies.map((strategy, s) => heatCell(grid[m][s], shade, digits)))
        )
      )
    ),
    el("p", { class: "aside" }, heatWords())
  );
}

function heatCell(cell, shade, digits) {
  if (!cell) return el("td", { class: "none", title: "not run, or nothing to compare with" }, "·");
  const mark = cell.effect && cell.effect[5] & 1 ? "*" : "";
  const text = figure(cell.value, digits, heatState.shows === "change") + mark;
  return el(
    "td",
    { title: cell.row.name, style: { background: shade(cell.value) } },
    el("a", { href: `#row-${cell.row.number}`, style: { color: "inherit", "text-decoration": "none" } }, text)
  );
}

function heatWords() {
  const { metric, shows } = heatState;
  const better = isLowerBetter(metric) ? "lower" : "higher";
  const first =
    shows === "change"
      ? "Blue: better than none in the same model, tuning and preparation; orange: worse."
      : `The stronger the blue the better (${better}).`;
  return `${first} * marks a change beyond noise (p under .05 after Holm's correction). Baseline and repaired rows are left out.`;
}

function aroundZero(values, lower) {
  const most = Math.max(...values.map(Math.abs), 1e-12);
  return (value) => {
    const isBetter = lower ? value < 0 : value > 0;
    return mix(isBetter ? "--c0" : "--c5", Math.sqrt(Math.abs(value) / most) * 0.55);
  };
}

// --- differences with intervals -------------------------------------------------------

function effectList() {
  const { metric, tuning } = heatState;
  const effects = (data.effects[metric] || []).filter((effect) => !tuning || rows[effect[0]].tuning === tuning);
  if (!effects.length) return [el("p", { class: "aside" }, "Nothing was compared with none here.")];
  const lower = isLowerBetter(metric);
  const digits = digitsOf(metric);
  const low = Math.min(0, ...effects.map((effect) => effect[2]));
  const high = Math.max(0, ...effects.map((effect) => effect[3]));
  return [
    table({
      label: `Changes in ${metricTitle(metric)}`,
      rows: effects,
      state: { by: 1, isDescending: !lower },
      limit: 12,
      columns: [
        { title: "candidate", value: ([number]) => rows[number].name, cell: ([number]) => candidateLink(rows[number]), kind: "name" },
        { title: "change", value: (effect) => effect[1], cell: (effect) => figure(effect[1], digits, true), isNumber: true, isLowerBetter: lower },
        {
          title: "95 % interval",
          cell: (effect) =>
            el("span", { title: `${figure(effect[2], digits, true)} to ${figure(effect[3], digits, true)}` },
              intervalBar([effect[2], effect[1], effect[3]], [low, high], { isStrong: Boolean(effect[5] & 1), reference: 0 })),
        },
        { title: "from", value: (effect) => effect[2], cell: (effect) => figure(effect[2], digits, true), isNumber: true },
        { title: "to", value: (effect) => effect[3], cell: (effect) => figure(effect[3], digits, true), isNumber: true },
        { title: "p", value: (effect) => effect[4], cell: (effect) => figure(effect[4], 3), isNumber: true, isLowerBetter: true, hint: "after Holm's correction" },
        { title: "shown", value: (effect) => effectWord(effect), cell: effectWord },
      ],
    }),
    el("p", { class: "aside" }, "Filled dots are beyond noise. “Too small to matter” is shown by two one-sided tests; with neither word, nothing was shown."),
  ];
}

function effectWord(effect) {
  const isReal = effect[5] & 1;
  const isSmall = effect[5] & 2;
  if (isReal && !isSmall) return effect[6] ? "better" : "worse";
  return isSmall ? "too small to matter" : "";
}
