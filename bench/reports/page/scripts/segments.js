// How candidates do by slice of the customers, and in which slices models disagree.

const sliced = data.segments;
const segmentState = { of: 0, shows: "order" };
const LEVEL = 0.05;

function segmentView() {
  const again = () => segmentView.again();
  const change = (key, read) => (value) => {
    segmentState[key] = read(value);
    again();
  };
  const pick = choice("candidate", sliced.candidates.map((one, k) => [String(k), rows[one.row].name]), String(segmentState.of), change("of", Number));
  const what = choice("show", [["order", "who is ranked high (ROC-AUC)"], ["level", "probabilities (calibration)"], ["apart", "where models disagree"]], segmentState.shows, change("shows", String));
  const view = { order: orderTable, level: levelTable, apart: apartTable }[segmentState.shows];
  const drawn = sliced.n < sliced.ofN ? ` Of ${count(sliced.ofN)} customers ${count(sliced.n)} were drawn.` : "";
  return [
    el("div", { class: "controls" }, segmentState.shows === "apart" ? what : [pick, what]),
    ...view(sliced.candidates[segmentState.of]),
    el("p", { class: "aside" }, `Slices hold at least 10 customers, numbers are cut at their quartiles; “=” and commas join names of the same customers; p after Holm's correction over all slices of the candidate.${drawn}`),
  ];
}


function sliceColumns() {
  return [
    { title: "slice", value: (one) => `${one.feature} ${one.label}`, cell: (one) => [el("bdi", {}, one.feature), ": ", el("bdi", {}, one.label)], kind: "name" },
    { title: "customers", value: (one) => one.n, cell: (one) => count(one.n), isNumber: true },
    { title: "leave", value: (one) => one.positives / one.n, cell: (one) => percent(one.positives / one.n, 1), isNumber: true },
  ];
}

/** Return the slices that have figures, with these. */
function slicesWith(figures) {
  return sliced.slices
    .map(([feature, label, n, positives], k) => ({ feature, label, n, positives, found: figures[k] }))
    .filter((one) => one.found);
}

const pColumn = (at) => ({ title: "p", value: (one) => one.found[at], cell: (one) => pValue(one.found[at]), isNumber: true, isLowerBetter: true, hint: "after Holm's correction over all slices" });

/** Return a sentence that names the worst few of `shown`, or says that none was shown. */
function worstWords(shown, words, none) {
  if (!shown.length) return el("p", {}, none);
  const names = shown.slice(0, 3).flatMap((one, k) => [k ? "; " : "", el("bdi", {}, `${one.feature}: ${one.label}`)]);
  return el("p", {}, `${words} in ${shown.length} slice${shown.length > 1 ? "s" : ""}, first: `, el("strong", {}, names), ".");
}

function orderTable(candidate) {
  const shown = slicesWith(candidate.order);
  if (!shown.length) return [el("p", { class: "aside" }, "No slice has ten customers of either class.")];
  const low = Math.min(...shown.map((one) => one.found[1]));
  const worse = sorted(shown.filter((one) => one.found[4] < LEVEL && one.found[0] < one.found[3]), { value: (one) => one.found[0] }, false);
  return [
    worstWords(worse, "Customers are harder to tell apart than others, by more than noise,", "In no slice was the order of customers shown to be worse than outside it."),
    el("p", { class: "aside" }, "All slices of a feature may lie below all customers together: inside a slice the feature that makes it tells nobody apart. That is no sign of a fault."),
    table({
      label: "ROC-AUC by slice",
      rows: shown,
      state: (segmentView.order ||= { by: 3, isDescending: false }),
      limit: 12,
      isKept: (one) => worse.slice(0, 20).includes(one),
      columns: [
        ...sliceColumns(),
        { title: "ROC-AUC inside", value: (one) => one.found[0], cell: (one) => figure(one.found[0], 3), isNumber: true, isLowerBetter: true },
        { title: "95 % interval", cell: (one) => el("span", { title: `${figure(one.found[1], 3)} to ${figure(one.found[2], 3)}` }, intervalBar([one.found[1], one.found[0], one.found[2]], [low, 1], { isStrong: one.found[4] < LEVEL })) },
        { title: "outside", value: (one) => one.found[3], cell: (one) => figure(one.found[3], 3), isNumber: true },
        pColumn(4),
      ],
    }),
    el("p", { class: "aside" }, "Filled: differs from the rest of the customers by more than noise."),
  ];
}

function levelTable(candidate) {
  if (!candidate.level.length) return [el("p", { class: "aside" }, `${rows[candidate.row].name} gives scores, not probabilities.`)];
  const shown = slicesWith(candidate.level).map((one) => ({ ...one, gap: one.found[1] - one.found[0] }));
  const most = Math.max(...shown.map((one) => Math.abs(one.gap)), 1e-9);
  const wrong = sorted(shown.filter((one) => one.found[2] < LEVEL), { value: (one) => Math.abs(one.gap) }, true);
  return [
    worstWords(wrong, "Predicted probabilities are off by more than noise", "In no slice were the probabilities shown to be off."),
    table({
      label: "Calibration by slice",
      rows: shown,
      state: (segmentView.level ||= { by: 6, isDescending: false }),
      limit: 12,
      columns: [
        ...sliceColumns().slice(0, 2),
        { title: "predicted", value: (one) => one.found[0], cell: (one) => percent(one.found[0], 1), isNumber: true },
        { title: "did leave", value: (one) => one.found[1], cell: (one) => percent(one.found[1], 1), isNumber: true },
        { title: "more (+) or fewer (−) leave than predicted", value: (one) => one.gap, cell: (one) => `${figure(100 * one.gap, 1, true) || "0"} points`, isNumber: true },
        { title: "", cell: (one) => intervalBar([null, one.gap, null], [-most, most], { isStrong: one.found[2] < LEVEL, reference: 0 }) },
        pColumn(2),
      ],
    }),
    el("p", { class: "aside" }, "Filled: true probabilities would come this far off by chance less often than the corrected level. Strategies that shift probabilities (resampling, weights) are off everywhere."),
  ];
}

function apartTable() {
  const shown = slicesWith(sliced.disagreement);
  if (!shown.length) return [el("p", { class: "aside" }, "There is one model only.")];
  const most = Math.max(...shown.map((one) => one.found[0]), 0.1);
  const more = sorted(shown.filter((one) => one.found[1] < LEVEL && one.found[0] > 0.1), { value: (one) => one.found[0] }, true);
  return [
    worstWords(more, "Models disagree more than elsewhere", "No slice was shown to hold more of the customers whom models disagree on."),
    table({
      label: "Disagreement by slice",
      rows: shown,
      state: (segmentView.apart ||= { by: 3, isDescending: true }),
      limit: 12,
      columns: [
        ...sliceColumns(),
        { title: "of them disputed", value: (one) => one.found[0], cell: (one) => percent(one.found[0], 1), isNumber: true },
        { title: "", cell: (one) => intervalBar([null, one.found[0], null], [0, most], { isStrong: one.found[1] < LEVEL, reference: 0.1 }) },
        pColumn(1),
      ],
    }),
    el("p", { class: "aside" }, `Disputed: the tenth of all customers whose places in the rankings of ${sliced.candidates.map((one) => rows[one.row].model).join(", ")} lie furthest apart (standard deviation). Dotted: that tenth.`),
  ];
}
