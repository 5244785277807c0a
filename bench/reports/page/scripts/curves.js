// ROC, precision-recall, gains and calibration of a few candidates side by side.

const MOST_PICKS = 5;
const drawable = rows.filter((row) => row.curve !== null);

/** Return the first picks: the one to take, the best, the plain one, the best with SMOTE or the like. */
function firstPicks() {
  const found = [
    drawable.find((row) => row.number === data.choice),
    drawable.find((row) => row.rank === 1),
    drawable.find((row) => row.number === data.plain),
    drawable.find((row) => row.strategy.startsWith("smote") && row.rank !== 1) ||
      drawable.find((row) => row.strategy !== "none" && row.rank !== 1),
    drawable[0],
  ];
  return [...new Set(found.filter(Boolean).map((row) => row.number))].slice(0, 4);
}

const curveState = { picks: firstPicks(), closer: firstPicks()[0] };

/** Return the means over splits at every stop: {share, tpr, fpr, precision}. */
function shape(curve) {
  if (!curve.shape) {
    const hits = hitsOf(curve);
    curve.shape = data.stops.map((share, stop) => {
      const one = curve.splits.map((k, i) => {
        const { n, positives, contacted } = data.splits[k];
        const reached = hits[i][stop];
        return { tpr: reached / positives, fpr: (contacted[stop] - reached) / (n - positives), precision: reached / contacted[stop], share: contacted[stop] / n };
      });
      const average = (key) => mean(one.map((split) => split[key]));
      return { share: average("share"), tpr: average("tpr"), fpr: average("fpr"), precision: average("precision") };
    });
  }
  return curve.shape;
}

const look = (k) => ({ colour: colour(k), dash: DASHES[k] });

function curveView(width) {
  const again = () => {
    curveView.again();
    sweepView.again();
  };
  const picks = curveState.picks.map((number) => rows[number]);
  if (!picks.length) return [el("p", {}, "No candidate has finished a split yet.")];
  const narrow = columnWidth(width);
  return [
    pickControls(picks, again),
    el("div", { class: "two" }, rocPlot(narrow, picks), precisionPlot(narrow, picks), gainsPlot(narrow, picks), liftPlot(narrow, picks), ...calibrationPlots(narrow)),
  ];
}

function pickControls(picks, again) {
  const others = drawable.filter((row) => !curveState.picks.includes(row.number));
  const add = choice("add a candidate", [["", "choose …"], ...others.map((row) => [String(row.number), row.name])], "", (value) => {
    if (value === "") return;
    curveState.picks = [...curveState.picks, Number(value)].slice(-MOST_PICKS);
    if (!curveState.picks.includes(curveState.closer)) [curveState.closer] = curveState.picks;
    again();
  });
  const closer = choice("calibration and threshold of", picks.map((row) => [String(row.number), row.name]), String(curveState.closer), (value) => {
    curveState.closer = Number(value);
    again();
  });
  const chips = picks.map((row, k) => {
    const sample = draw("svg", { width: 22, height: 10, "aria-hidden": "true" }, draw("line", { x1: 0, x2: 22, y1: 5, y2: 5, stroke: look(k).colour, "stroke-width": 3, "stroke-dasharray": look(k).dash }));
    const drop = () => {
      curveState.picks = curveState.picks.filter((number) => number !== row.number);
      if (!curveState.picks.includes(curveState.closer)) [curveState.closer] = curveState.picks;
      again();
    };
    const label = `${row.name}, remove`;
    return el("li", {}, el("button", { type: "button", disabled: picks.length === 1, "aria-label": label, on: { click: drop } }, sample, row.name, picks.length > 1 ? " ×" : ""));
  });
  return el("div", {}, el("div", { class: "controls" }, add, closer), el("ul", { class: "chips" }, chips));
}

const unit = (label) => ({ domain: [0, 1], label, format: (value) => percent(value) });

function linesOf(picks, points) {
  return picks.map((row, k) => ({ name: row.name, points: points(shape(data.curves[row.curve])), ...look(k) }));
}

function rocPlot(width, picks) {
  return plot(width, {
    caption: "ROC",
    note: "up and left is better; dotted: chance",
    x: unit("share of those who stay that is called"),
    y: unit("share of those who leave that is called"),
    isListed: false,
    layers: [
      { points: [[0, 0], [1, 1]], dash: "2 3", width: 1 },
      ...linesOf(picks, (found) => [[0, 0], ...found.map(({ fpr, tpr }) => [fpr, tpr])]),
    ],
  });
}

function precisionPlot(width, picks) {
  return plot(width, {
    caption: "Precision and recall",
    note: "up and right is better; dotted: calling anybody",
    x: unit("recall: share of the churners found"),
    y: unit("precision: share of the called who leave"),
    isListed: false,
    layers: [
      { atY: data.nPositives / data.nSamples, dash: "2 3" },
      ...linesOf(picks, (found) => found.map(({ tpr, precision }) => [tpr, precision])),
    ],
  });
}

function gainsPlot(width, picks) {
  const prevalence = data.nPositives / data.nSamples;
  return plot(width, {
    caption: "Gains",
    note: "what part of the churners is among the top; dotted: anybody, dashed: exactly the churners first",
    x: unit("share of the customers called"),
    y: unit("share of the churners found"),
    isListed: false,
    layers: [
      { points: [[0, 0], [1, 1]], dash: "2 3", width: 1 },
      { points: [[0, 0], [prevalence, 1], [1, 1]], dash: "7 3", width: 1 },
      ...linesOf(picks, (found) => [[0, 0], ...found.map(({ share, tpr }) => [share, tpr])]),
    ],
  });
}

function liftPlot(width, picks) {
  const lines = linesOf(picks, (found) => found.map(({ share, tpr }) => [share, tpr / share]));
  const most = Math.max(...lines.flatMap((line) => line.points.map(([, lift]) => lift)));
  return plot(width, {
    caption: "Lift",
    note: "how much denser in churners the top is than the whole",
    x: unit("share of the customers called"),
    y: { domain: [0, most], label: "lift", format: (value) => `${Number(fixed(value, 1))}×` },
    isListed: false,
    layers: [{ atY: 1, dash: "2 3" }, ...lines],
  });
}

// --- calibration ----------------------------------------------------------------------

function calibrationPlots(width) {
  const row = rows[curveState.closer];
  const { bins } = data.curves[row.curve];
  const k = curveState.picks.indexOf(row.number);
  if (!bins.length) {
    return [el("p", { class: "aside" }, `${row.name} gives scores, not probabilities, so there is nothing to calibrate.`)];
  }
  return [calibrationPlot(width, row, bins, look(Math.max(k, 0))), calibrationWords(row)];
}

function calibrationPlot(width, row, bins, { colour: ink }) {
  const high = Math.min(1, Math.max(...bins.flatMap(([p, , , top, noise]) => [p + noise, top])) * 1.05);
  return plot(width, {
    caption: "Calibration",
    note: row.name,
    x: { domain: [0, high], label: "mean predicted probability", format: (value) => percent(value, high < 0.1 ? 1 : 0) },
    y: { domain: [0, high], label: "share that did leave", format: (value) => percent(value, high < 0.1 ? 1 : 0) },
    layers: [
      { name: "true probabilities", points: [[0, 0], [high, high]], dash: "2 3", width: 1 },
      { name: "noise of true ones (95 %)", band: bins.map(([p, , , , noise]) => [p, Math.max(0, p - noise), Math.min(high, p + noise)]), colour: "var(--other)" },
      { whiskers: bins.map(([p, , low, top]) => ({ x: p, low, high: top })), colour: ink },
      {
        name: "a tenth of the customers, 95 % interval",
        dots: bins.map(([p, rate, low, top]) => ({ x: p, y: rate, text: `predicted ${percent(p, 1)}\nleft ${percent(rate, 1)} (${percent(low, 1)} to ${percent(top, 1)})` })),
        colour: ink,
      },
    ],
  });
}

function calibrationWords(row) {
  const of = (name, digits) => figure(score(row, name), digits);
  const [, , low] = row.scores.ece || [];
  const floor = score(row, "ece_floor");
  const isLow = isNumber(low) && low <= floor;
  const verdict = !isNumber(low) ? "" : isLow ? "The interval of the ECE reaches down to its noise floor: no error beyond noise was shown." : "The ECE is above its noise floor by more than noise: these are not true probabilities.";
  return el(
    "div",
    {},
    el("p", {}, el("strong", {}, row.name)),
    el("dl", { class: "figures" }, pair("ECE", of("ece", 3)), pair("its noise floor", of("ece_floor", 3)), pair("slope (1 is right)", of("calibration_slope", 2)), pair("shift (0 is right)", of("calibration_in_the_large", 2)), pair("Brier", of("brier", 4))),
    el("p", {}, verdict),
    el("p", { class: "aside" }, "Dots in the grey band are where true probabilities would put them. Above the dotted line more customers leave than predicted, below it fewer: resampling and class weights push probabilities up.")
  );
}
