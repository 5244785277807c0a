// Sliders for the amounts, and who wins at them.

const SHOWN_OFFERS = 6;

/** Return a round number of at least `value`. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((k) => k * power).find((size) => size >= value * 0.999);
}

const campaignState = {
  clv: data.economics.clv,
  incentive: data.economics.incentive,
  contact: data.economics.contact,
  acceptance: data.economics.acceptance,
  stop: null,
};

function campaignView() {
  const result = el("div");
  const sliders = el("div", { class: "sliders" });
  const show = keepLater(result, (width) => campaignResult(width));
  const again = () => {
    show();
    // Its threshold that pays moves with the amounts.
    sweepView.again();
  };
  const { clv, incentive, contact } = data.economics;
  const kinds = [
    ["clv", "A customer is worth", 0, roundUp(clv * 5), 1],
    ["incentive", "An offer that is accepted costs", 0, roundUp(Math.max(incentive, clv / 20) * 5), 1],
    ["contact", "A contact costs", 0, roundUp(Math.max(contact, clv / 200) * 10), 1],
    ["acceptance", "Would-be churners who accept, % (others always do)", 0, 100, 100],
  ];
  const inputs = kinds.map((kind) => slider(...kind, again));
  const size = sizeSlider(again);
  sliders.append(...inputs.map((one) => one.box), size.box);
  const reset = el("button", { type: "button", class: "quiet", on: { click: () => {
    Object.assign(campaignState, data.economics, { stop: null });
    for (const one of [...inputs, size]) one.show();
    again();
  } } }, "Back to the amounts of the run");
  return [
    el("p", { class: "aside" }, "The same share of the customers, the top of each candidate's list, is called in every split. Slide to your amounts; nothing leaves this page."),
    sliders,
    el("div", { class: "controls" }, reset),
    result,
  ];
}

/** As `keepDrawn`, for a holder that is put into the page afterwards. */
function keepLater(holder, view) {
  const again = () => {
    const width = (holder.isConnected && holder.clientWidth) || byId("report").clientWidth;
    holder.replaceChildren(...[view(width)].flat());
  };
  views.push({ holder, again });
  setTimeout(again);
  return again;
}

function slider(key, label, least, most, factor, onChange) {
  const value = () => Number((campaignState[key] * factor).toPrecision(6));
  const step = most <= 20 ? 0.1 : 1;
  const range = el("input", { type: "range", id: `range-${key}`, min: least, max: most, step, "data-key": key });
  const number = el("input", { type: "number", min: least, step: "any", "aria-label": label, "data-number": key });
  const note = el("p", { class: "aside wrong", role: "status" });
  const show = () => {
    range.value = value();
    number.value = value();
    number.removeAttribute("aria-invalid");
    note.textContent = "";
  };
  const take = (input) => () => {
    const given = Number(input.value);
    const isUsable = input.value !== "" && given >= least && !(factor === 100 && given > 100);
    number.setAttribute("aria-invalid", String(!isUsable));
    note.textContent = isUsable ? "" : `${factor === 100 ? `from ${least} to 100` : `${least} or more`}; the figures below are still those of ${value()}`;
    if (!isUsable) return;
    campaignState[key] = given / factor;
    (input === range ? number : range).value = given;
    onChange();
  };
  range.addEventListener("input", take(range));
  number.addEventListener("input", take(number));
  show();
  return { box: el("div", { class: "slider" }, el("label", { for: range.id }, label), range, number, note), show };
}

function sizeSlider(onChange) {
  const most = data.stops.length - 1;
  const range = el("input", { type: "range", id: "range-size", min: 0, max: most, step: 1, value: Math.floor(most / 3), "data-key": "size" });
  const mode = el("select", { "aria-label": "Size of the campaign" }, el("option", { value: "best" }, "best"), el("option", { value: "fixed" }, "fixed"));
  const label = el("label", { for: range.id });
  const show = () => {
    const isFixed = campaignState.stop !== null;
    mode.value = isFixed ? "fixed" : "best";
    if (isFixed) range.value = campaignState.stop;
    const words = isFixed ? `${percent(data.stops[campaignState.stop], 1)}, ${count(calledAt(campaignState.stop))} customers` : "as many as earn most";
    label.textContent = `Size of the campaign: ${words}`;
    range.setAttribute("aria-valuetext", words);
  };
  range.addEventListener("input", () => {
    campaignState.stop = Number(range.value);
    show();
    onChange();
  });
  mode.addEventListener("change", () => {
    campaignState.stop = mode.value === "fixed" ? Number(range.value) : null;
    show();
    onChange();
  });
  show();
  return { box: el("div", { class: "slider" }, label, range, mode), show };
}

function campaignResult(width) {
  const amounts = amountsOf(campaignState);
  const offers = allOffers(amounts, campaignState.stop);
  if (!offers.length) return [el("p", {}, "No candidate finished all splits, so there is nothing to compare.")];
  const [best] = offers;
  const taken = answerOf(offers, amounts);
  return [
    answerBox(taken, offers, amounts),
    el("div", { class: "two" }, profitPlot(columnWidth(width), taken, amounts), offerTable(offers, taken, amounts)),
    el("p", { class: "aside" }, "The size that earns most is read off these very customers, which flatters it a little: “regret” on the profit board is what choosing it on other customers cost. “Same” rows cannot be told from the highest figure here (paired test over the splits, corrected, one by one)."),
  ];
}

/** Return the width of one of two columns, of all where there is room for one only. */
function columnWidth(width) {
  return width >= 860 ? (width - 32) / 2 : width;
}

/** Return how many to call, with which list and what for; `data-` attributes are of the highest figure. */
function answerBox(taken, offers, amounts) {
  const references = referenceProfits(amounts);
  const [best] = offers;
  const attributes = { class: "result", id: "winner", "aria-live": "polite" };
  if (taken.stop === NOBODY || taken.profit < 0) {
    return el("div", { ...attributes, "data-winner": "" },
      el("p", { class: "big" }, taken.stop === NOBODY ? "No campaign pays at these amounts: call nobody." : "A campaign of this size loses money with every candidate: call nobody, or fewer."));
  }
  const row = rows[taken.number];
  const curve = data.curves[row.curve];
  const called = count(calledAt(taken.stop));
  const list = ["the list of ", el("strong", {}, el("a", { href: `#row-${taken.number}` }, row.name))];
  const words = data.stops[taken.stop] === 1
    ? `Call everybody, all ${called}: no list is needed at these amounts.`
    : ["Call ", el("strong", {}, called), ` of ${count(data.nSamples)}: the top `, el("strong", {}, percent(data.stops[taken.stop], 1)), " of ", ...list];
  return el(
    "div",
    { ...attributes, "data-winner": rows[best.number].name, "data-profit": best.profit, "data-called": calledAt(best.stop), "data-answer": row.name },
    el("p", { class: "big" }, words),
    el("dl", { class: "figures" },
      pair("customers to call", called),
      pair("of them would leave", percent(precisionAt(curve, taken.stop))),
      pair("from a score of", figure(scoreAt(curve, taken.stop), 3)),
      pair("earned per customer", amount(taken.profit)),
      pair(`earned on all ${count(data.nSamples)}`, amount(taken.profit * data.nSamples, 0)),
      pair("of what is possible at any size", references.perfect > 0 ? percent(taken.profit / references.perfect) : "")),
    el("p", { class: "aside" }, `Per customer, calling nobody earns 0, everybody ${amount(references.everybody)}, exactly the churners ${amount(references.perfect)}. ${nearWords(curve, taken, amounts)}${othersWords(taken, offers, amounts)}`)
  );
}

/** Say how little the exact size matters. */
function nearWords(curve, taken, amounts) {
  if (campaignState.stop !== null) return "";
  const [first, last] = nearStops(curve, amounts, taken).map((stop) => percent(data.stops[stop], 1));
  return first === last ? "" : `From ${first} to ${last} called it earns within 2 % of that. `;
}

function othersWords(taken, offers, amounts) {
  const [best, ...others] = offers;
  if (!others.length || data.nSplits < 2) return "";
  if (taken !== best) {
    return `${rows[taken.number].name} is the one to take if in doubt: the highest figure, ${amount(best.profit)} with ${rows[best.number].name}, cannot be told from it.`;
  }
  const same = others.filter((offer) => !isToldApart(best, offer, amounts)).length;
  return same ? `${plural(same, "other candidate")} cannot be told from it in that.` : "All others earn less by more than noise.";
}

function pair(name, value) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value));
}

function profitPoints(curve, amounts) {
  return [[0, 0], ...data.stops.map((share, stop) => [share, profitAt(curve, amounts, stop)])];
}

function profitPlot(width, best, amounts) {
  const numbers = [...new Set([best.number, rows.findIndex((row) => row.rank === 1), data.plain])];
  const shown = numbers.filter((number) => isNumber(number) && number >= 0 && rows[number].curve !== null);
  const lines = shown.map((number, k) => ({
    name: rows[number].name,
    points: profitPoints(data.curves[rows[number].curve], amounts),
    colour: colour(k),
    dash: DASHES[k],
  }));
  const references = referenceProfits(amounts);
  const prevalence = data.nPositives / data.nSamples;
  const perfect = [[0, 0], [prevalence, amounts.gain * prevalence], [1, references.everybody]];
  const values = [...lines.flatMap((line) => line.points), ...perfect].map(([, value]) => value);
  const size = best.stop === NOBODY ? 0 : data.stops[best.stop];
  return plot(width, {
    caption: "Profit by the size of the campaign",
    x: { domain: [0, 1], label: "share of the customers called", format: (value) => percent(value) },
    y: { domain: [Math.min(0, ...values), Math.max(...values, 0.01)], label: "profit per customer", format: (value) => amount(value, Math.abs(Math.max(...values)) < 5 ? 1 : 0) },
    layers: [
      { name: "exactly the churners first", points: perfect, colour: "var(--other)", dash: "7 3", width: 1.5 },
      { name: "anybody, at random", points: [[0, 0], [1, references.everybody]], colour: "var(--other)", dash: "2 3", width: 1.5 },
      ...lines.reverse(),
      { dots: [{ x: size, y: best.profit, text: "" }], colour: colour(0), size: 5, isCursorFree: true },
    ],
  });
}

function offerTable(offers, taken, amounts) {
  const [best] = offers;
  const first = offers.slice(0, SHOWN_OFFERS);
  const others = offers.filter((offer, k) => k >= SHOWN_OFFERS && (offer === taken || isReference(rows[offer.number])));
  const word = (offer) => (offer === best ? "highest" : isToldApart(best, offer, amounts) ? "less" : "same");
  const holder = table({
    label: "Candidates at these amounts",
    rows: [...first, ...others],
    columns: [
      { title: "candidate", cell: ({ number }) => candidateLink(rows[number]), kind: "name" },
      { title: "earns", cell: ({ profit }) => amount(profit), isNumber: true },
      { title: "call", cell: ({ stop }) => (stop === NOBODY ? "nobody" : percent(data.stops[stop], 1)), isNumber: true },
      { title: "", cell: word },
    ],
    decorate: (line, offer) => line.classList.toggle("reference", isReference(rows[offer.number])),
  });
  return el("div", {}, holder, offers.length > first.length ? el("p", { class: "aside" }, `The best ${first.length} of ${offers.length}, and those to compare with.`) : null);
}
