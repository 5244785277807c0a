// What candidates cost, and which are worth it: the Pareto front of quality against cost.

const COSTS = {
  fit: ["seconds of processor time for a fit (resample, tune, fit)", (row) => sum(["resample", "tune", "fit"].map((key) => row.costs[`${key}_seconds`] || 0)), duration, "a fit in all"],
  predict: ["seconds of processor time to score the test rows of a split", (row) => row.costs.predict_seconds, duration, "predict"],
  memory: ["peak memory of the process, MB", (row) => row.costs.peak_memory_mb, megabytes, "memory"],
};
const costState = { against: "fit" };
const isAdvised = (row) => row.number === data.choice;
// Repairs and rules for the threshold cost no fit: of such twins one is shown, or the advised one.
const costed = rows.filter((row) => row.costs.fit_seconds !== undefined && row.scores[data.metric] && (isAdvised(row) || (row.repair === "none" && row.decision === "f1")));

/** Return the rows that no other beats in quality at the same cost or less, cheapest first. */
function front(found, cost, metric) {
  const sign = isLowerBetter(metric) ? -1 : 1;
  const cheapest = [...found].sort((a, b) => cost(a) - cost(b) || sign * (score(b, metric) - score(a, metric)));
  const kept = [];
  for (const row of cheapest) {
    if (!kept.length || sign * score(row, metric) > sign * score(kept[kept.length - 1], metric)) kept.push(row);
  }
  return kept;
}

function costView(width) {
  const change = (value) => {
    costState.against = value;
    costView.again();
  };
  const shown = costed.filter((row) => !isBaseline(row) && row.rank !== null);
  if (!shown.length) return [el("p", {}, "No candidate other than the baseline finished all splits.")];
  const controls = el("div", { class: "controls" }, choice("against", [["fit", "time to fit"], ["predict", "time to predict"], ["memory", "memory"]], costState.against, change));
  return [controls, costPlot(width, shown), costTable()];
}

function costPlot(width, shown) {
  const [label, cost, format] = COSTS[costState.against];
  const metric = data.metric;
  const usable = shown.filter((row) => cost(row) > 0);
  if (!usable.length) return el("p", { class: "aside" }, "This was not measured.");
  const costs = usable.map(cost);
  const figures = usable.map((row) => score(row, metric));
  const best = front(usable, cost, metric);
  const models = [...new Set(usable.map((row) => row.model))].sort();
  const spread = Math.max(...figures) - Math.min(...figures) || 0.01;
  const layers = models.map((model, k) => ({
    name: model,
    colour: colour(k),
    shape: SHAPE_NAMES[k % SHAPE_NAMES.length],
    dots: usable.filter((row) => row.model === model).map((row) => ({
      x: cost(row), y: score(row, metric), row: row.number, isHollow: !row.tied,
      text: `${row.name}\n${metricTitle(metric)} ${figure(score(row, metric))}, ${format(cost(row))}`,
    })),
  }));
  const steps = best.flatMap((row, k) => (k ? [[cost(row), score(best[k - 1], metric)], [cost(row), score(row, metric)]] : [[cost(row), score(row, metric)]]));
  const advised = usable.filter(isAdvised).map((row) => ({ x: cost(row), y: score(row, metric), row: row.number, isHollow: true }));
  if (advised.length) layers.unshift({ name: "the one to take", dots: advised, size: 10, colour: "var(--ink)", isCursorFree: true });
  return plot(width, {
    caption: `${metricTitle(metric)} against cost`,
    note: "filled: cannot be told from the best; up and left is better",
    height: 400,
    most: 1100,
    x: { domain: [Math.min(...costs) / 1.5, Math.max(...costs) * 1.5], label, isLog: true, format },
    y: { domain: [Math.min(...figures) - spread * 0.05, Math.max(...figures) + spread * 0.05], label: metricTitle(metric) },
    layers: [{ name: "nothing is better for less", points: steps, dash: "7 3", width: 1.5 }, ...layers],
    onPick: (number) => { location.hash = `row-${number}`; },
  });
}

function costTable() {
  const [, cost, , head] = COSTS[costState.against];
  const best = new Set(front(costed.filter((row) => row.rank !== null && !isBaseline(row) && cost(row) > 0), cost, data.metric));
  const seconds = (title, key) => ({ title, value: (row) => row.costs[key], cell: (row) => duration(row.costs[key]), isNumber: true, isLowerBetter: true });
  const columns = [
    { title: "candidate", value: (row) => row.name, cell: candidateLink, kind: "name" },
    { title: metricTitle(data.metric), value: (row) => score(row, data.metric), cell: (row) => figure(score(row, data.metric)), isNumber: true, isLowerBetter: isLowerBetter(data.metric) },
    { title: COSTS.fit[3], value: COSTS.fit[1], cell: (row) => duration(COSTS.fit[1](row)), isNumber: true, isLowerBetter: true },
    seconds("resample", "resample_seconds"),
    seconds("tune", "tune_seconds"),
    seconds("fit", "fit_seconds"),
    seconds(COSTS.predict[3], "predict_seconds"),
    { title: COSTS.memory[3], value: COSTS.memory[1], cell: (row) => megabytes(row.costs.peak_memory_mb), isNumber: true, isLowerBetter: true },
    { title: "front", value: (row) => (best.has(row) ? 0 : 1), cell: (row) => (best.has(row) ? "●" : ""), isLowerBetter: true, hint: "nothing is better for less" },
  ];
  return el("div", {},
    table({
      label: "Costs of candidates",
      rows: costed,
      limit: 12,
      isKept: (row) => best.has(row) || isAdvised(row),
      state: { by: columns.findIndex(({ title }) => title === head), isDescending: false },
      columns,
    }),
    el("p", { class: "aside" }, "Processor seconds, means over splits; memory is the highest of a worker."));
}
