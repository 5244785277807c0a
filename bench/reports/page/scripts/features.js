// Which features matter: shares by method, who agrees with whom, how steady, what strategies do.

const found = data.features;
const METHOD_WORDS = {
  permutation: "permutation: ROC-AUC lost when the column is shuffled",
  shap: "SHAP: mean size of what it adds to a customer's score",
  gain: "gain: the library's own count of what splits on it improve",
  coefficient: "coefficient: spread of what it adds to a linear score",
};
const featureState = { of: "" };

function featureView() {
  const again = () => featureView.again();
  const models = [...new Set(found.judges.map((judge) => judge.row))];
  const options = [["", "all models"], ...models.map((number) => [String(number), rows[number].name])];
  const pick = choice("importance by", options, featureState.of, (value) => {
    featureState.of = value;
    again();
  });
  return [
    el("div", { class: "controls" }, pick),
    featureState.of === "" ? allModels(models) : oneModel(Number(featureState.of)),
    found.total > found.names.length ? el("p", { class: "aside" }, `${found.total - found.names.length} more features are in feature_importance.csv.`) : null,
    ...twinWords(),
  ].filter(Boolean);
}

/** Return a feature's name, marked where another column says the same. */
function featureName(k) {
  const isTwin = found.twins.some(([features]) => features.includes(k));
  return [el("bdi", {}, found.names[k]), isTwin ? " ≈" : ""];
}

/** `9.0 %`: as many digits in every row. */
const sharePart = (share) => `${fixed(100 * share, 1)} %`;

function nameColumn() {
  return { title: "feature", value: (k) => found.names[k], cell: featureName, kind: "name" };
}

function allModels(models) {
  const judges = (number) => found.judges.filter((judge) => judge.row === number);
  const most = Math.max(...found.overall.map(([, , high]) => high), 1e-9);
  const ofModel = (number, k) => mean(judges(number).map((judge) => judge.share[k]));
  return el("div", {},
    table({
      label: "Importance by model",
      rows: found.names.map((name, k) => k),
      state: (featureView.all ||= { by: 1, isDescending: true }),
      limit: 12,
      columns: [
        nameColumn(),
        { title: "mean share", value: (k) => found.overall[k][0], cell: (k) => sharePart(found.overall[k][0]), isNumber: true },
        { title: "range of models", cell: (k) => intervalBar([found.overall[k][1], found.overall[k][0], found.overall[k][2]], [0, most], { isStrong: true }) },
        ...models.map((number) => ({ title: rows[number].model, value: (k) => ofModel(number, k), cell: (k) => sharePart(ofModel(number, k)), isNumber: true, hint: `${rows[number].name}: mean of ${judges(number).map((judge) => judge.method).join(", ")}` })),
      ],
    }),
    el("p", { class: "aside" }, "Share: what a feature has of the importance of all, 100 % in sum. Each model counts once, as the mean of its methods. Importance says what a model relies on, not what makes customers leave."));
}

function oneModel(number) {
  const judges = found.judges.filter((judge) => judge.row === number);
  const spreadOf = (judge, k) => judge.spread[k] || 0;
  const most = Math.max(...judges.flatMap((judge) => judge.share.map((share, k) => share + spreadOf(judge, k))), 1e-9);
  const barOf = (judge, k) => {
    const spread = judge.spread[k];
    const ends = isNumber(spread) ? [Math.max(0, judge.share[k] - spread), judge.share[k], judge.share[k] + spread] : [null, judge.share[k], null];
    return el("span", { title: isNumber(spread) ? `± ${percent(spread, 1)} over splits` : "" }, intervalBar(ends, [0, most], { isStrong: true }));
  };
  return el("div", {},
    table({
      label: `Importance for ${rows[number].name}`,
      rows: found.names.map((name, k) => k),
      state: (featureView.one ||= { by: 1, isDescending: true }),
      limit: 12,
      columns: [
        nameColumn(),
        ...judges.flatMap((judge) => [
          { title: judge.method, value: (k) => judge.share[k], cell: (k) => sharePart(judge.share[k]), isNumber: true, hint: METHOD_WORDS[judge.method] },
          { title: "± over splits", cell: (k) => barOf(judge, k) },
        ]),
      ],
    }),
    el("p", { class: "aside" }, `${judges.map((judge) => METHOD_WORDS[judge.method] || judge.method).join(". ")}. Bars: one standard deviation over ${plural(judges[0].splits, "split")} to each side.`));
}

function twinWords() {
  return found.twins.length
    ? [el("p", { class: "aside" }, "≈ shares its information with others, and so its importance: read these together."),
       el("ul", { class: "aside" }, found.twins.map(([, message]) => el("li", {}, el("bdi", {}, message))))]
    : [];
}

// --- agreement ------------------------------------------------------------------------

const judgeName = (judge) => `${rows[judge.row].model}, ${judge.method}`;

function agreementView() {
  if (found.judges.length < 2) return [el("p", { class: "aside" }, "There is one ranking only.")];
  return [
    el("div", { class: "wide", role: "region", tabindex: 0, "aria-label": "Agreement of rankings" },
      el("table", { class: "heat agree" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, ""), found.judges.map((judge, k) => el("th", { scope: "col", title: judgeName(judge) }, String(k + 1))))),
        el("tbody", {}, found.judges.map((judge, k) =>
          el("tr", {}, el("th", { scope: "row" }, `${k + 1} ${judgeName(judge)}`),
            found.agreement[k].map((value, j) => agreementCell(value, j === k, `${judgeName(judge)} and ${judgeName(found.judges[j])}`))))))),
    el("p", { class: "aside" }, "Spearman's rank correlation of the importances of all features: 1 is the same order, 0 is no relation. Where models or methods disagree, trust no single list."),
  ];
}

function agreementCell(value, isSame, title) {
  if (isSame || !isNumber(value)) return el("td", { class: "none" }, "·");
  return el("td", { title, style: { background: mix(value < 0 ? "--c5" : "--c0", Math.abs(value) ** 2 * 0.55) } }, figure(value, 2));
}

// --- stability ------------------------------------------------------------------------

function stabilityView() {
  if (!found.stability.length) return [el("p", { class: "aside" }, "A single split, or a single feature, has no stability to speak of.")];
  const low = Math.min(0, ...found.stability.map((one) => one[5]));
  const [first] = found.stability;
  return [
    table({
      label: "Stability of the top features over splits",
      rows: found.stability,
      state: { by: 2, isDescending: true },
      limit: 12,
      columns: [
        { title: "candidate", value: ([number]) => rows[number].name, cell: ([number]) => candidateLink(rows[number]), kind: "name" },
        { title: "method", value: (one) => one[1], cell: (one) => one[1] },
        { title: "stability", value: (one) => one[4], cell: (one) => figure(one[4], 2), isNumber: true },
        { title: "95 % interval", cell: (one) => el("span", { title: `${figure(one[5], 2)} to ${figure(one[6], 2)}` }, intervalBar([one[5], one[4], one[6]], [low, 1], { isStrong: true })) },
        { title: "from", value: (one) => one[5], cell: (one) => figure(one[5], 2), isNumber: true },
        { title: "to", value: (one) => one[6], cell: (one) => figure(one[6], 2), isNumber: true },
      ],
    }),
    el("p", { class: "aside" }, `Do ${plural(first[3], "split")} choose the same top ${first[2]} of ${found.total} (the first half, at most 10)? 1: always, 0: as if drawn by lot, above .75 counts as excellent, below .4 as poor (Nogueira et al. 2018). Splits share training rows, so that the intervals are too narrow. Stable is not yet right.`),
  ];
}

// --- what strategies do ---------------------------------------------------------------

function shiftView() {
  if (!found.shifts.length) return [el("p", { class: "aside" }, "No model has importances both with and without a strategy.")];
  const moves = (one) => one[4].flatMap(([name, before, after], k) => [k ? ", " : "", el("bdi", {}, name), whole(` ${before} → ${after}`)]);
  return [
    table({
      label: "What strategies do to the ranking",
      rows: found.shifts,
      state: { by: 2, isDescending: false },
      limit: 10,
      columns: [
        { title: "candidate", value: ([number]) => rows[number].name, cell: ([number]) => candidateLink(rows[number]), kind: "name" },
        { title: "method", value: (one) => one[1], cell: (one) => one[1], kind: "minor-column" },
        { title: "like none", value: (one) => one[2], cell: (one) => figure(one[2], 2), isNumber: true, isLowerBetter: true, hint: "rank correlation with none on the same split" },
        { title: "splits of none", value: (one) => one[3], cell: (one) => figure(one[3], 2), isNumber: true, hint: "rank correlation between two splits of none" },
        { title: "changes", value: (one) => Number(one[2] >= one[3]), cell: (one) => (!isNumber(one[3]) ? "" : one[2] < one[3] ? "more than other rows do" : "no more than other rows do") },
        { title: "largest moves (rank under none → now)", cell: moves },
      ],
    }),
    el("p", { class: "aside" }, "A strategy changes the ranking where it is less like none on the same rows than two splits of none are like each other."),
  ];
}
