// Tuning: what it bought, how the searches went, which parameters went with success.

const tuned = data.tuning;
const tuningState = { of: tuned && tuned.studies.length ? tuned.studies[0].row : null };

// What is paid for comes first: a search, where recommended settings cost nothing.
const TUNING_QUESTIONS = [
  ["recommended", "Is a search worth its time? Against recommended settings"],
  ["default", "Against the library's own settings"],
];

function boughtView() {
  if (!tuned.bought.length) return [el("p", { class: "aside" }, "No tuned candidate has an untuned twin on all splits, or there is a single split.")];
  const parts = TUNING_QUESTIONS.flatMap(([level, question]) => {
    const own = tuned.bought.filter(([, twin]) => rows[twin].tuning === level);
    return own.length ? [el("h4", {}, question), el("p", {}, boughtWords(own)), boughtTable(own, question)] : [];
  });
  return [
    ...parts,
    el("p", { class: "aside" }, `Change in ${metricTitle(data.metric)} against the same model and strategy at the settings named; a study that chose its strategy too is set against none. Paired by split, corrected for shared training rows. Filled dots are beyond noise by p, which is after Holm's correction over the table; the interval is that of the one comparison alone, and may leave 0 out where p does not.`),
  ];
}

const boughtWord = (one) => effectWord([one[0], one[2], one[3], one[4], one[5], one[6], one[7]]) || "not decided";

function boughtTable(own, label) {
  const lower = isLowerBetter(data.metric);
  const digits = digitsOf(data.metric);
  const low = Math.min(0, ...own.map((one) => one[3]));
  const high = Math.max(0, ...own.map((one) => one[4]));
  const times = (one) => (one[9] > 0 ? one[8] / one[9] : null);
  return table({
    label,
    rows: own,
    state: { by: 1, isDescending: !lower },
    limit: 12,
    columns: [
      { title: "candidate", value: ([number]) => rows[number].name, cell: ([number]) => candidateLink(rows[number]), kind: "name" },
      { title: "change", value: (one) => one[2], cell: (one) => figure(one[2], digits, true), isNumber: true, isLowerBetter: lower },
      { title: "95 % interval, of this one alone", cell: (one) => el("span", { title: `${figure(one[3], digits, true)} to ${figure(one[4], digits, true)}` }, intervalBar([one[3], one[2], one[4]], [low, high], { isStrong: Boolean(one[6] & 1), reference: 0 })) },
      { title: "from", value: (one) => one[3], cell: (one) => figure(one[3], digits, true), isNumber: true },
      { title: "to", value: (one) => one[4], cell: (one) => figure(one[4], digits, true), isNumber: true },
      { title: own.length > 1 ? `p, all ${own.length} counted` : "p", value: (one) => one[5], cell: (one) => pValue(one[5]), isNumber: true, isLowerBetter: true, hint: "after Holm's correction" },
      { title: "shown", value: boughtWord, cell: boughtWord },
      { title: "time", value: times, cell: (one) => (times(one) === null ? "" : `${Number(times(one).toPrecision(2))}×`), isNumber: true, isLowerBetter: true, hint: "processor seconds for a fit, search included, as a multiple of its twin's" },
    ],
  });
}

function boughtWords(own) {
  const told = own.map(boughtWord);
  const of = (word) => told.filter((one) => one === word).length;
  return `Of ${plural(own.length, "comparison")}, ${of("better")} are better by more than noise, ${of("worse")} worse, ${of("too small to matter")} shown to be too small to matter and ${of("not decided")} not decided.`;
}

// --- searches -------------------------------------------------------------------------

function searchView(width) {
  if (!tuned.studies.length) return [el("p", { class: "aside" }, "No study was run, or the journals in studies/ are not there. --tuning optuna runs them.")];
  const numbers = [...new Set(tuned.studies.map((study) => study.row))];
  const again = () => searchView.again();
  const pick = choice("searches of", numbers.map((number) => [String(number), rows[number].name]), String(tuningState.of), (value) => {
    tuningState.of = Number(value);
    again();
  });
  return [el("div", { class: "controls" }, pick), searchPlot(width), linkTable()].filter(Boolean);
}

function searchPlot(width) {
  const own = tuned.studies.filter((study) => study.row === tuningState.of);
  const values = own.flatMap((study) => study.best.filter(isNumber));
  if (!values.length) return el("p", { class: "aside" }, "No trial came to an end.");
  const most = Math.max(2, ...own.map((study) => study.best.length));
  const room = (Math.max(...values) - Math.min(...values)) * 0.05 || 0.005;
  const range = [Math.min(...values) - room, Math.max(...values) + room];
  const isIn = (value) => isNumber(value) && value >= range[0] && value <= range[1];
  const isFew = own.length <= 6;
  return plot(width, {
    caption: `Best ${metricTitle(tuned.metric)} so far`,
    note: `on inner folds, a line for each split${isFew ? "; dots are trials, those given up or far below are left out" : ""}`,
    most: 1100,
    isListed: isFew,
    x: { domain: [1, most], label: "trial", format: (value) => figure(value, 0) },
    y: { domain: range, label: metricTitle(tuned.metric) },
    layers: own.flatMap((study, k) => [
      { name: `split ${study.split}`, points: study.best.flatMap((value, i) => (i ? [[i + 1, study.best[i - 1]], [i + 1, value]] : [[1, value]])).filter(([, value]) => isNumber(value)), colour: colour(k), dash: DASHES[k % DASHES.length], width: isFew ? 2 : 1 },
      isFew ? { dots: study.tried.map((value, i) => ({ x: i + 1, y: value })).filter((dot) => isIn(dot.y)), isCursorFree: true, colour: colour(k), size: 2.5 } : null,
    ]).filter(Boolean),
  });
}

function linkTable() {
  const own = tuned.links.filter((link) => link.row === tuningState.of);
  if (!own.length) return el("p", { class: "aside" }, "Too few trials to say which parameters matter.");
  return el("div", {},
    el("h3", {}, "Parameters that went with the figure"),
    table({
      label: "Parameters of the searches",
      rows: own,
      state: { by: 1, isDescending: true },
      limit: 12,
      columns: [
        { title: "parameter", value: (link) => link.name, cell: (link) => link.name, kind: "name" },
        { title: "strength", value: (link) => Math.abs(link.strength), cell: (link) => figure(Math.abs(link.strength), 2), isNumber: true },
        { title: "", cell: (link) => intervalBar([0, Math.abs(link.strength), null], [0, 1], { isStrong: true, reference: 0 }) },
        { title: "better when", cell: (link) => linkWord(link) },
        { title: "trials", value: (link) => link.n, cell: (link) => count(link.n), isNumber: true },
        { title: "tried", cell: (link) => link.tried, kind: "name" },
        { title: "chosen by split", cell: (link) => link.chosen, kind: "name" },
      ],
    }),
    el("p", { class: "aside" }, "Numbers: Spearman's rank correlation of value and inner figure within a study, over all of them. Choices: the correlation ratio of the same ranks. Strengths of few trials are often chance, and the sampler tries more where it was good: this says what went together, not what caused it."));
}

function linkWord(link) {
  if (link.kind === "category") return "by choice";
  const isUp = link.strength > 0 !== isLowerBetter(tuned.metric);
  return Math.abs(link.strength) < 0.2 ? "hardly any link" : isUp ? "higher" : "lower";
}
