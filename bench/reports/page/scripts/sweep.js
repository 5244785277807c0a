// What a threshold does: precision, recall, F1 and alerts, with a handle to move it.

const sweepState = { candidate: null, threshold: null };

/** Return what each cut does: {threshold, precision, recall, f1, alerts}, thresholds ascending. */
function sweepOf(row) {
  const curve = data.curves[row.curve];
  if (!curve.sweep) {
    const n = sum(curve.splits.map((k) => data.splits[k].n));
    const positives = sum(curve.splits.map((k) => data.splits[k].positives));
    const repeats = new Set(curve.splits.map((k) => data.splits[k].repeat)).size;
    curve.sweep = curve.cuts
      .map(([threshold, alerts, hits]) => ({
        threshold,
        precision: hits / alerts,
        recall: (hits * repeats) / positives,
        f1: (2 * hits) / (alerts + positives / repeats),
        alerts: (1000 * alerts * repeats) / n,
      }))
      .reverse();
  }
  return curve.sweep;
}

function sweepView(width) {
  if (!isNumber(curveState.closer)) return [];
  const row = rows[curveState.closer];
  const found = sweepOf(row);
  const chosen = score(row, "threshold");
  if (sweepState.candidate !== row.number) {
    sweepState.candidate = row.number;
    sweepState.threshold = nearest(found, isNumber(chosen) ? chosen : found[Math.floor(found.length / 2)].threshold);
  }
  const readout = el("div", { "aria-live": "polite" });
  const domain = [found[0].threshold, found[found.length - 1].threshold];
  if (domain[0] === domain[1]) domain[1] += 1e-6;
  const range = thresholdSlider("threshold", { found, domain, move });
  const pays = payingCut(row, found);
  const handle = { at: found[sweepState.threshold].threshold, onMove: (value) => move(nearest(found, value)) };
  const plots = sweepPlots(columnWidth(width), { found, domain, chosen, pays, handle });
  function move(k, isBySlider) {
    sweepState.threshold = k;
    range.showCut(k, isBySlider);
    for (const one of plots) one.moveHandle(found[k].threshold);
    readout.replaceChildren(sweepWords(found[k], row));
  }
  const parts = [
    el("p", { class: "aside" }, `${row.name}. All test rows together; customers with at least the threshold as their score are called. ${sweepQuestion(row, found, pays)}`),
    el("div", { class: "slider" }, el("label", { for: "threshold" }, "Threshold (drag, or arrow keys)"), range, el("span", { class: "buttons" },
      isNumber(chosen) ? el("button", { type: "button", class: "quiet", on: { click: () => move(nearest(found, chosen)) } }, "Board's threshold") : null,
      pays === null ? null : el("button", { type: "button", class: "quiet", on: { click: () => move(pays.cut) } }, "Pays most"))),
    readout,
    el("div", { class: "two" }, plots),
  ];
  move(sweepState.threshold);
  return parts;
}

/** Return a slider that is linear in the threshold, as the plots are; `move` is given the nearest cut. */
function thresholdSlider(id, { found, domain: [low, high], move }) {
  const range = el("input", {
    type: "range", id, min: low, max: high, step: (high - low) / 200,
    on: { input: () => move(nearest(found, Number(range.value)), true) },
  });
  range.showCut = (k, isBySlider) => {
    // Moved by the reader it stays where it is, or a step that is less than one cut would be undone.
    if (!isBySlider) range.value = found[k].threshold;
    range.setAttribute("aria-valuetext", `threshold ${figure(found[k].threshold, 3)}`);
  };
  return range;
}

/** Return where the campaign that earns most at the amounts under Money is: {stop, cut}; null without one. */
function payingCut(row, found) {
  const curve = data.curves[row.curve];
  const { stop } = bestOffer(curve, amountsOf(campaignState), campaignState.stop);
  return stop === NOBODY ? null : { stop, cut: nearest(found, scoreAt(curve, stop)) };
}

/** Say which question the board's threshold answers, and which the money's. */
function sweepQuestion(row, found, pays) {
  const chosen = score(row, "threshold");
  const own = isNumber(chosen) ? ` (${figure(chosen, 3)}, the mean over splits)` : "";
  const atBest = `The board's threshold${own} had the highest F1 on other rows, so that the highest F1 of these may lie beside it; thresholds are kept here at about every hundredth of the customers. F1 is a balance of precision and recall that knows no amounts`;
  if (pays === null) return `${atBest}; at the amounts under Money calling nobody earns most.`;
  return `${atBest}. How many to call is a question of money: at the amounts there ${count(calledAt(pays.stop))} of ${count(data.nSamples)} with this list, from a score of about ${figure(found[pays.cut].threshold, 3)}.`;
}

function nearest(found, threshold) {
  let best = 0;
  found.forEach((cut, k) => {
    if (Math.abs(cut.threshold - threshold) < Math.abs(found[best].threshold - threshold)) best = k;
  });
  return best;
}

function sweepPlots(width, { found, domain, chosen, pays = null, handle }) {
  const x = { domain, label: "threshold", format: (value) => figure(value, 2) };
  const rules = isNumber(chosen) && chosen >= domain[0] && chosen <= domain[1] ? [{ atX: chosen, dash: "2 3", name: "the board's threshold: highest F1" }] : [];
  if (pays !== null) rules.push({ atX: found[pays.cut].threshold, dash: "7 3", name: "pays most at the amounts under Money" });
  const line = (key, name, k) => ({ name, points: found.map((cut) => [cut.threshold, cut[key]]), colour: colour([0, 1, 3][k]), dash: DASHES[k] });
  const most = Math.max(...found.map((cut) => cut.alerts));
  return [
    plot(width, {
      caption: "Decisions by threshold",
      x,
      y: { domain: [0, 1], label: "share", format: (value) => percent(value) },
      layers: [line("precision", "precision", 0), line("recall", "recall", 1), line("f1", "F1", 2), ...rules],
      handle,
    }),
    plot(width, {
      caption: "Calls by threshold",
      x,
      y: { domain: [0, most], label: "calls per 1,000 customers", format: count },
      layers: [line("alerts", "calls per 1,000 customers", 0), ...rules],
      handle,
    }),
  ];
}

function sweepWords(cut) {
  return el("dl", { class: "figures", id: "sweep-figures" },
    pair("threshold", figure(cut.threshold, 3)),
    pair("precision", percent(cut.precision, 1)),
    pair("recall", percent(cut.recall, 1)),
    pair("F1", figure(cut.f1, 3)),
    pair("calls per 1,000", count(cut.alerts)),
    pair(`calls of ${count(data.nSamples)}`, count((cut.alerts * data.nSamples) / 1000)));
}
