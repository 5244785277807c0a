// The page of one candidate: its figures, curves, parameters, class counts and costs.

function candidatePage(row) {
  const holder = byId("candidate");
  const place = rows.indexOf(row);
  const step = (k, words) => (rows[place + k] ? el("a", { href: `#row-${rows[place + k].number}` }, words) : null);
  const wide = el("div");
  holder.replaceChildren(
    el("section", {},
      el("p", { class: "controls" }, el("a", { href: "#boards" }, "← Back to the boards"), step(-1, "Previous"), step(1, "Next")),
      el("h1", { tabindex: -1 }, el("bdi", {}, row.name)),
      el("p", { class: "lead" }, standing(row)),
      row.note ? el("p", { class: "banner" }, row.note) : null,
      el("h2", { class: "minor" }, "Figures"),
      figureTables(row)),
    row.curve === null ? null : el("section", {}, el("h2", {}, "Curves"), wide),
    el("section", {}, el("h2", {}, "Parameters"), parameterTable(row)),
    el("section", {}, el("h2", {}, "Training rows"), countTable(row)),
    el("section", {}, el("h2", {}, "Cost"), costFigures(row)),
    row.address ? el("section", {}, el("h2", {}, "Make it again"), el("pre", { tabindex: 0 }, el("code", {}, `${data.verify} --row ${row.address}`)), el("p", { class: "aside" }, "fits the row again, here and now, and compares. The address is a digest of data, splits, candidate, protocol and versions.")) : ""
  );
  if (row.curve !== null) keepDrawn(wide, (width) => candidateCurves(row, width));
  return holder;
}

function standing(row) {
  const said = [];
  if (row.rank !== null) said.push(`Rank ${row.rank} of ${rows.filter((one) => one.rank !== null).length} by ${metricTitle(data.metric)}`);
  else said.push(`Not ranked (${row.status})`);
  if (row.number === data.choice) said.push("the one to take if in doubt");
  if (row.rank === 1) said.push("the highest mean");
  else if (row.tied) said.push("cannot be told from the best");
  else if (row.rank !== null) said.push("behind the best by more than noise");
  if (row.same && row.rank !== 1) said.push("shown to be as good");
  const [low, high] = row.behind;
  if (isNumber(low) && row.rank !== 1) said.push(`difference from the best ${figure(low, 4, true)} to ${figure(high, 4, true)}, looked at alone`);
  if (isNumber(row.pBest)) said.push(`chance to be the best ${chance(row.pBest)}`);
  if (row.coverage < 1) said.push(`${percent(row.coverage)} of the splits`);
  return `${said.join("; ")}.`;
}

function figureTables(row) {
  return el("div", { class: "columns" }, data.boards.map((board) => {
    const columns = board.columns.filter((column) => row.scores[column.name]);
    if (!columns.length) return null;
    return el("div", {}, el("h3", {}, board.title), table({
      label: `${board.title} figures`,
      rows: columns,
      columns: [
        { title: "figure", cell: (column) => el("span", { title: metricTitle(column.name) }, column.title) },
        { title: "mean", cell: (column) => figure(row.scores[column.name][0], column.digits), isNumber: true },
        { title: "95 % interval", cell: (column) => interval(row.scores[column.name], column.digits), isNumber: true },
        { title: "spread", cell: (column) => figure(row.scores[column.name][1], column.digits), isNumber: true },
      ],
    }));
  }));
}

function interval([, , low, high], digits) {
  return isNumber(low) ? `${figure(low, digits)} to ${figure(high, digits)}` : "";
}

function candidateCurves(row, width) {
  const narrow = columnWidth(width);
  const curve = data.curves[row.curve];
  const amounts = amountsOf(campaignState);
  const found = sweepOf(row);
  const domain = [found[0].threshold, found[found.length - 1].threshold];
  if (domain[0] === domain[1]) domain[1] += 1e-6;
  const points = profitPoints(curve, amounts);
  const values = points.map(([, value]) => value);
  const profit = plot(narrow, {
    caption: "Profit by the size of the campaign",
    note: "at the amounts of the sliders",
    x: { domain: [0, 1], label: "share of the customers called", format: (value) => percent(value) },
    y: { domain: [Math.min(0, ...values), Math.max(0.01, ...values)], label: "profit per customer", format: (value) => amount(value, 1), readout: amount },
    layers: [
      { points: [[0, 0], [1, referenceProfits(amounts).everybody]], dash: "2 3", width: 1.5, name: "anybody, at random" },
      { points, colour: colour(0), name: row.name },
    ],
  });
  const at = nearest(found, isNumber(score(row, "threshold")) ? score(row, "threshold") : found[0].threshold);
  const readout = el("div", { "aria-live": "polite" });
  const range = thresholdSlider("row-threshold", { found, domain, move });
  const handle = { at: found[at].threshold, onMove: (value) => move(nearest(found, value)) };
  const plots = sweepPlots(narrow, { found, domain, chosen: score(row, "threshold"), handle });
  function move(k, isBySlider) {
    range.showCut(k, isBySlider);
    for (const one of plots) one.moveHandle(found[k].threshold);
    readout.replaceChildren(sweepWords(found[k]));
  }
  move(at);
  return [
    el("div", { class: "two" }, rocPlot(narrow, [row]), precisionPlot(narrow, [row]), profit,
      curve.bins.length ? calibrationPlot(narrow, row, curve.bins, look(0)) : el("p", { class: "aside" }, "It gives scores, not probabilities: nothing to calibrate.")),
    el("h3", {}, "Threshold"),
    el("div", { class: "slider" }, el("label", { for: range.id }, "Threshold (drag, or arrow keys)"), range),
    readout,
    el("div", { class: "two" }, plots),
  ];
}

/** Return every parameter with its values over the splits; one value where all agree. */
function parameterTable(row) {
  const fits = row.fits === null ? [] : data.fits[row.fits];
  const params = fits.map((fit) => fit.params || fits[0].params);
  const names = [...new Set(params.flatMap((one) => Object.keys(one)))];
  if (!names.length) return el("p", { class: "aside" }, "Everything at the library's own defaults.");
  const text = (value) => (typeof value === "string" ? value : value === undefined ? "–" : JSON.stringify(value));
  return table({
    label: "Parameters",
    rows: names,
    columns: [
      { title: "parameter", cell: (name) => name },
      { title: "value", cell: (name) => {
        const values = params.map((one) => text(one[name]));
        return new Set(values).size === 1 ? values[0] : fits.map((fit, k) => `${data.splits[fit.split].name}: ${values[k]}`).join(", ");
      } },
    ],
  });
}

const COUNT_COLUMNS = [
  { title: "split", cell: ({ split }) => data.splits[split].name },
  { title: "stay", cell: ({ counts }) => count(counts[0]), isNumber: true },
  { title: "leave", cell: ({ counts }) => count(counts[1]), isNumber: true },
  { title: "stay after", cell: ({ counts }) => count(counts[2]), isNumber: true },
  { title: "leave after", cell: ({ counts }) => count(counts[3]), isNumber: true },
  { title: "leave after, %", cell: ({ counts }) => percent(counts[3] / (counts[2] + counts[3]), 1), isNumber: true },
];

function countTable(row) {
  const fits = row.fits === null ? [] : data.fits[row.fits];
  if (!fits.length) return el("p", { class: "aside" }, "No fit has finished.");
  return table({ label: "Class counts by split", rows: fits, columns: COUNT_COLUMNS });
}

function costFigures(row) {
  const names = { prepare_seconds: "prepare", resample_seconds: "resample", tune_seconds: "tune", fit_seconds: "fit", predict_seconds: "predict" };
  const seconds = Object.entries(names).filter(([key]) => row.costs[key] !== undefined);
  return el("dl", { class: "figures" }, seconds.map(([key, name]) => pair(name, duration(row.costs[key]))), pair("memory", megabytes(row.costs.peak_memory_mb)));
}

// --- all candidates -------------------------------------------------------------------

/** Return the class counts of every split, candidates with the same ones together. */
function allCounts() {
  const groups = new Map();
  for (const row of rows) {
    if (row.fits === null) continue;
    const fits = data.fits[row.fits];
    const key = JSON.stringify([row.strategy, fits.map((fit) => [fit.split, fit.counts])]);
    if (!groups.has(key)) groups.set(key, { strategy: row.strategy, fits, members: new Set() });
    groups.get(key).members.add([row.model, row.tuning, ...(row.preparation === "encoded" ? [] : [row.preparation])].join(" "));
  }
  const lines = [...groups.values()]
    .sort((a, b) => (a.strategy < b.strategy ? -1 : a.strategy > b.strategy ? 1 : 0))
    .flatMap(({ strategy, fits, members }) => fits.map((fit, k) => ({ ...fit, strategy: k ? "" : strategy, members: k ? "" : [...members].join(", ") })));
  return [
    el("p", { class: "aside" }, "Who stays and who leaves among the rows that a learner was given, split by split (repeat.fold). Test rows are never resampled."),
    countSummary(groups),
    el("details", {}, el("summary", {}, `All splits (${lines.length} lines)`),
      table({ label: "Class counts", rows: lines, columns: [{ title: "strategy", cell: (line) => line.strategy }, ...COUNT_COLUMNS, { title: "candidates", cell: (line) => line.members, kind: "name" }] })),
  ];
}

function countSummary(groups) {
  const byStrategy = new Map();
  for (const { strategy, fits } of groups.values()) byStrategy.set(strategy, [...(byStrategy.get(strategy) || []), ...fits]);
  const average = (k) => (line) => {
    const values = line.fits.map((fit) => fit.counts[k]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? count(low) : `${count(low)} to ${count(high)}`;
  };
  return table({
    label: "Class counts by strategy",
    rows: [...byStrategy].map(([strategy, fits]) => ({ strategy, fits })),
    columns: [
      { title: "strategy", cell: (line) => line.strategy },
      { title: "stay", cell: average(0), isNumber: true },
      { title: "leave", cell: average(1), isNumber: true },
      { title: "stay after", cell: average(2), isNumber: true },
      { title: "leave after", cell: average(3), isNumber: true },
    ],
  });
}

function addressTable() {
  return table({
    label: "Addresses",
    rows: rows.filter((row) => row.address),
    columns: [
      { title: "#", cell: (row) => (row.rank === null ? "–" : String(row.rank)), isNumber: true },
      { title: "candidate", cell: (row) => row.name, kind: "name" },
      { title: "address", cell: (row) => el("code", {}, row.address) },
    ],
  });
}
