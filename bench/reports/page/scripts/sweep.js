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
  const range = el("input", {
    type: "range", id: "threshold", min: 0, max: found.length - 1, step: 1, value: sweepState.threshold,
    on: { input: () => move(Number(range.value)) },
  });
  const domain = [found[0].threshold, found[found.length - 1].threshold];
  if (domain[0] === domain[1]) domain[1] += 1e-6;
  const handle = { at: found[sweepState.threshold].threshold, onMove: (value) => move(nearest(found, value)) };
  const plots = sweepPlots(columnWidth(width), { found, domain, chosen, handle });
  function move(k) {
    sweepState.threshold = k;
    range.value = k;
    const { threshold } = found[k];
    range.setAttribute("aria-valuetext", `threshold ${figure(threshold, 3)}`);
    for (const one of plots) one.moveHandle(threshold);
    readout.replaceChildren(sweepWords(found[k], row));
  }
  const parts = [
    el("p", { class: "aside" }, `${row.name}. All test rows together; customers with at least the threshold as their score are called.`),
    el("div", { class: "slider" }, el("label", { for: "threshold" }, "Threshold (drag, or arrow keys)"), range, isNumber(chosen) ? el("button", { type: "button", class: "quiet", on: { click: () => move(nearest(found, chosen)) } }, "The board's") : null),
    readout,
    el("div", { class: "two" }, plots),
  ];
  move(sweepState.threshold);
  return parts;
}

function nearest(found, threshold) {
  let best = 0;
  found.forEach((cut, k) => {
    if (Math.abs(cut.threshold - threshold) < Math.abs(found[best].threshold - threshold)) best = k;
  });
  return best;
}

function sweepPlots(width, { found, domain, chosen, handle }) {
  const x = { domain, label: "threshold", format: (value) => figure(value, 2) };
  const rules = isNumber(chosen) && chosen >= domain[0] && chosen <= domain[1] ? [{ atX: chosen, dash: "2 3", name: "the board's threshold" }] : [];
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
      caption: "Alerts by threshold",
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
