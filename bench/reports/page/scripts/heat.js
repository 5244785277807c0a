// Model × strategy for any figure, and what each strategy changes against none.

const heatState = { metric: data.metric, tuning: "", shows: "figure" };
const isUndirected = (metric) => data.metrics[metric].direction === "neither";
const isPlainRow = (row) => row.repair === "none" && row.decision === "f1";

/** Whether a figure follows the level of probabilities: strategies that push them up change it without a better list. */
const isOfLevel = (metric) => metric === "expected_savings" || metric.endsWith("_at_05");

function heatView() {
  const again = heatView.again;
  const change = (key) => (value) => {
    heatState[key] = value;
    again();
  };
  const { metric } = heatState;
  const tunings = [...new Set(rows.filter(isPlainRow).map((row) => row.tuning))].sort();
  const controls = el(
    "div",
    { class: "controls" },
    choice("figure", Object.keys(data.metrics).map((name) => [name, metricTitle(name)]), metric, change("metric")),
    choice("tuning", [["", "the best of each model"], ...tunings.map((one) => [one, one])], heatState.tuning, change("tuning")),
    choice("cells show", [["figure", "the figure"], ["change", "change against none"]], heatState.shows, change("shows"))
  );
  return [
    controls,
    isOfLevel(metric) ? el("p", {}, levelWords(metric)) : null,
    heatTable(),
    el("h3", {}, `Change in ${metricTitle(metric)} against no strategy`),
    ...effectList(),
  ].filter(Boolean);
}

function levelWords(metric) {
  return metric === "expected_savings"
    ? "No gain by itself: expected savings call each customer with the predicted probability, and strategies push probabilities up, so more are called. The list need not be better for it: EMPC and campaign profit say whether more is earned."
    : "No gain by itself: strategies push probabilities up, so more customers pass .5. Moving the threshold of none does the same: the figure at the chosen threshold says whether decisions are better.";
}

/** Return a model's rows in one tuning and preparation: those of its best row without a strategy, in the tuning that is asked for. */
function heatRows(model) {
  const asked = heatState.tuning;
  const own = rows.filter((row) => row.model === model && isPlainRow(row) && (!asked || row.tuning === asked));
  const plain = own.filter((row) => row.strategy === "none" && row.scores[data.metric] && row.coverage === 1);
  const [best] = sorted(plain, { value: (row) => score(row, data.metric) }, !isLowerBetter(data.metric));
  const { tuning, preparation } = best || own[0] || { tuning: asked, preparation: "encoded" };
  const found = own.filter((row) => row.tuning === tuning && row.preparation === preparation);
  return {
    setting: preparation === "encoded" ? tuning : `${tuning}+${preparation}`,
    found: new Map(found.map((row) => [row.strategy, row])),
  };
}

/** Say why there is nothing to show for a strategy. */
function emptyWords(model, strategy, { setting, found }) {
  const row = found.get(strategy);
  const skipped = data.skips[`${model}+${strategy}+${setting}`];
  if (!row) return skipped ? `skipped: ${skipped}` : `not run with ${setting}`;
  if (row.coverage < 1) return `${percent(row.coverage)} of the splits only`;
  if (!row.scores[heatState.metric]) return row.outputs === "score" ? "gives scores, not probabilities" : "not measured";
  return strategy === "none" ? "what the others are compared with" : "nothing to compare with";
}

/** Return row number → its effect on the metric, by row. */
function effectsByRow(metric) {
  return new Map((data.effects[metric] || []).map((effect) => [effect[0], effect]));
}

function heatTable() {
  const { metric, shows } = heatState;
  const models = [...new Set(rows.filter((row) => isPlainRow(row) && !isBaseline(row)).map((row) => row.model))].sort();
  const found = new Set(rows.filter((row) => isPlainRow(row) && !isBaseline(row)).map((row) => row.strategy));
  const lines = models.map(heatRows);
  const all = ["none", ...[...found].filter((name) => name !== "none").sort()].filter((name) => found.has(name));
  const strategies = all.filter((name) => lines.some((line) => line.found.has(name)));
  const others = all.filter((name) => !strategies.includes(name));
  const effects = effectsByRow(metric);
  const cellOf = (line, strategy) => {
    const row = line.found.get(strategy);
    if (!row || row.coverage < 1 || !row.scores[metric]) return null;
    const effect = effects.get(row.number);
    if (shows === "change") return effect ? { row, effect, value: effect[1] } : null;
    return { row, effect, value: score(row, metric) };
  };
  const grid = lines.map((line) => strategies.map((strategy) => cellOf(line, strategy)));
  const values = grid.flat().filter(Boolean).map((cell) => cell.value);
  const shade = isUndirected(metric) ? () => "none" : shows === "change" ? aroundZero(values, isLowerBetter(metric)) : ranged(values, isLowerBetter(metric));
  const digits = digitsOf(metric);
  const frame = el(
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
          el("tr", {}, el("th", { scope: "row" }, model, " ", el("small", {}, lines[m].setting)), strategies.map((strategy, s) => heatCell(grid[m][s], shade, digits) || el("td", { class: "none", title: emptyWords(model, strategy, lines[m]) }, "·")))
        )
      )
    )
  );
  return el("div", {}, frame, el("p", { class: "aside" }, el("span", { class: "narrow" }, "Slide the table sideways for the other strategies. "), heatWords(), others.length ? ` Under another tuning or preparation only: ${others.join(", ")}.` : ""));
}

function heatCell(cell, shade, digits) {
  if (!cell) return null;
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
  if (isUndirected(metric)) return "Neither higher nor lower is better: no shading, and no test of a change. Baseline and repaired rows are left out.";
  const better = isLowerBetter(metric) ? "lower" : "higher";
  const first =
    shows === "change"
      ? `Blue: ${isOfLevel(metric) ? "higher" : "better"} than none in the same model, tuning and preparation; orange: ${isOfLevel(metric) ? "lower" : "worse"}.`
      : `The stronger the blue the better (${better}).`;
  return `A line is one model in one tuning and preparation; · has nothing to show (why: point at it). ${first} * marks a change beyond noise (p under .05 after Holm's correction). Baseline and repaired rows are left out.`;
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
  const nTested = data.effects[metric].length;
  const lower = isLowerBetter(metric);
  const digits = digitsOf(metric);
  const word = isOfLevel(metric) ? levelWord : effectWord;
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
          title: "95 % interval, of this one alone",
          cell: (effect) =>
            el("span", { title: `${figure(effect[2], digits, true)} to ${figure(effect[3], digits, true)}` },
              intervalBar([effect[2], effect[1], effect[3]], [low, high], { isStrong: Boolean(effect[5] & 1), reference: 0 })),
        },
        { title: "from", value: (effect) => effect[2], cell: (effect) => figure(effect[2], digits, true), isNumber: true },
        { title: "to", value: (effect) => effect[3], cell: (effect) => figure(effect[3], digits, true), isNumber: true },
        { title: nTested > 1 ? `p, all ${nTested} counted` : "p", value: (effect) => effect[4], cell: (effect) => pValue(effect[4]), isNumber: true, isLowerBetter: true, hint: "after Holm's correction" },
        { title: "shown", value: word, cell: word, kind: "whole" },
      ],
    }),
    el("p", { class: "aside" }, "Filled dots are beyond noise by p, which Holm's correction makes larger the more comparisons there are; an interval is of its comparison alone, and may leave 0 out where p does not. “Too small to matter” is shown by two one-sided tests; with neither word, nothing was shown."),
  ];
}

/** The same of a figure that only follows the level of probabilities: no word on better or worse. */
function levelWord(effect) {
  const word = effectWord(effect);
  return word === "better" || word === "worse" ? (effect[1] > 0 ? "higher" : "lower") : word;
}

function effectWord(effect) {
  const isReal = effect[5] & 1;
  const isSmall = effect[5] & 2;
  if (isReal && !isSmall) return effect[6] ? "better" : "worse";
  return isSmall ? "too small to matter" : "";
}
