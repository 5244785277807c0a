// What a campaign earns with each candidate, as bench/analysis/money.py has it. No drawing here.

const NOBODY = -1;

/** Return what calling a would-be churner earns, and what calling anybody else costs. */
function amountsOf({ clv, incentive, contact, acceptance }) {
  return { gain: acceptance * (clv - incentive) - contact, loss: incentive + contact };
}

/** Return the churners among the top at each stop, by split. */
function hitsOf(curve) {
  if (!curve.reached) {
    curve.reached = curve.hits.map((steps) => {
      let total = 0;
      return steps.map((step) => (total += step));
    });
  }
  return curve.reached;
}

/** Return what calling the top at `stop` earns per customer in each split. */
function splitProfits(curve, { gain, loss }, stop) {
  return curve.splits.map((k, i) => {
    if (stop === NOBODY) return 0;
    const hits = hitsOf(curve)[i][stop];
    return (gain * hits - loss * (data.splits[k].contacted[stop] - hits)) / data.splits[k].n;
  });
}

/** Return the 95 % margin of what the customers between two stops earn, as `profit_margin` has it. */
function profitMargin(curve, { gain, loss }, [first, last]) {
  const splits = curve.splits.map((k) => data.splits[k]);
  const repeats = new Set(splits.map((split) => split.repeat)).size;
  const total = (values) => values.reduce((all, value) => all + value, 0) / repeats;
  const reached = (counts) => (last === NOBODY ? 0 : counts[last]) - (first === NOBODY ? 0 : counts[first]);
  const called = total(splits.map((split) => reached(split.contacted)));
  if (called <= 0) return 0;
  const q = (total(hitsOf(curve).map(reached)) + 2) / (called + 4);
  return (1.959963984540054 * Math.sqrt(called * q * (1 - q)) * Math.abs(gain + loss)) / total(splits.map((split) => split.n));
}

/** Return the margin of a campaign, and which of nobody and everybody it was not shown to beat. */
function marginAndDoubt(curve, amounts, { stop, profit }) {
  const last = data.stops.length - 1;
  const margin = profitMargin(curve, amounts, [NOBODY, stop]);
  const rest = profitMargin(curve, amounts, [stop, last]);
  const unbeaten = [];
  if (profit <= margin) unbeaten.push("nobody");
  if (stop !== last && profit - profitAt(curve, amounts, last) <= rest) unbeaten.push("everybody");
  return { margin, unbeaten };
}

function profitAt(curve, amounts, stop) {
  const profits = splitProfits(curve, amounts, stop);
  return profits.reduce((total, profit) => total + profit, 0) / profits.length;
}

/** Return a profit so rounded that sums of the same amounts in another order are equal. */
function asRanked(profit) {
  return Math.round(profit * 1e6);
}

/** Return the best campaign with a ranking: {profit, stop}; of equally good ones the smallest. */
function bestOffer(curve, amounts, fixedStop = null) {
  if (fixedStop !== null) return { stop: fixedStop, profit: profitAt(curve, amounts, fixedStop) };
  let best = { stop: NOBODY, profit: 0 };
  for (let stop = 0; stop < data.stops.length; stop += 1) {
    const profit = profitAt(curve, amounts, stop);
    if (asRanked(profit) > asRanked(best.profit)) best = { stop, profit };
  }
  return best;
}

/** Return the best campaign with each ranked candidate, the most profitable first. */
function allOffers(amounts, fixedStop = null) {
  const found = [];
  data.rows.forEach((row, number) => {
    if (row.rank === null || row.curve === null) return;
    found.push({ number, ...bestOffer(data.curves[row.curve], amounts, fixedStop) });
  });
  return found
    .map((offer, k) => [offer, k])
    .sort(([a, i], [b, j]) => asRanked(b.profit) - asRanked(a.profit) || i - j)
    .map(([offer]) => offer);
}

/** Return the offer of the candidate to take, unless another earns more by more than noise: then that. */
function answerOf(offers, amounts) {
  const [best] = offers;
  const own = offers.find(({ number }) => number === data.choice);
  const isTaken = own && own.stop !== NOBODY && own.profit >= 0 && !isToldApart(best, own, amounts);
  return isTaken ? own : best;
}

/** Return between which stops a campaign earns at least 98 % of what it does at its best. */
function nearStops(curve, amounts, { stop, profit }) {
  const isNear = (k) => k >= 0 && k < data.stops.length && profitAt(curve, amounts, k) >= 0.98 * profit;
  let [first, last] = [stop, stop];
  while (isNear(first - 1)) first -= 1;
  while (isNear(last + 1)) last += 1;
  return [first, last];
}

/** Return how many customers of all are called. */
function calledAt(stop) {
  return stop === NOBODY ? 0 : Math.ceil(Number((data.stops[stop] * data.nSamples).toFixed(9)));
}

/** Return the share of the called who would leave. */
function precisionAt(curve, stop) {
  if (stop === NOBODY) return null;
  const called = curve.splits.reduce((total, k) => total + data.splits[k].contacted[stop], 0);
  return hitsOf(curve).reduce((total, hits) => total + hits[stop], 0) / called;
}

/** Return the score from which customers are called, as all test rows together have it. */
function scoreAt(curve, stop) {
  if (stop === NOBODY) return null;
  const wanted = data.stops[stop] * data.nSamples - 1;
  const cut = curve.cuts.find(([, alerts]) => alerts >= wanted) || curve.cuts[curve.cuts.length - 1];
  return cut[0];
}

/** Return whether two offers differ by more than noise: the paired test, corrected for splits. */
function isToldApart(one, other, amounts) {
  const profits = [one, other].map(({ number, stop }) => splitProfits(data.curves[data.rows[number].curve], amounts, stop));
  const gaps = profits[0].map((profit, k) => profit - profits[1][k]);
  const n = gaps.length;
  if (n < 2) return false;
  const middle = gaps.reduce((total, gap) => total + gap, 0) / n;
  const variance = gaps.reduce((total, gap) => total + (gap - middle) ** 2, 0) / (n - 1);
  return Math.abs(middle) > data.t95 * Math.sqrt((1 / n + data.ratio) * variance) + 1e-12;
}

/** Return what campaigns earn that need no model, per customer of the base. */
function referenceProfits({ gain, loss }) {
  const prevalence = data.nPositives / data.nSamples;
  return {
    nobody: 0,
    everybody: gain * prevalence - loss * (1 - prevalence),
    perfect: Math.max(0, gain) * prevalence,
  };
}
