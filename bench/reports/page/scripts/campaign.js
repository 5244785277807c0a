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
const isChanged = () => Object.entries(data.economics).some(([key, value]) => campaignState[key] !== value);

function campaignView() {
  const result = el("div");
  const sliders = el("div", { class: "sliders" });
  const show = keepLater(result, (width) => {
    const offers = allOffers(amountsOf(campaignState), campaignState.stop);
    size.show(offers.length ? answerOf(offers, amountsOf(campaignState)).stop : NOBODY);
    return campaignResult(width, offers);
  });
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
    ["acceptance", "Would-be churners who accept, %", 0, 100, 100],
  ];
  const inputs = kinds.map((kind) => slider(...kind, again));
  const size = sizeSlider(again);
  sliders.append(...inputs.map((one) => one.box), size.box);
  const reset = el("button", { type: "button", class: "quiet", on: { click: () => {
    Object.assign(campaignState, data.economics, { stop: null });
    for (const one of inputs) one.show();
    again();
  } } }, "Back to the dataset's amounts");
  return [
    el("p", { class: "aside" }, "Everybody who would have stayed takes the offer, too, and costs it. The same share of the customers, the top of each candidate's list, is called in every split. Slide to your amounts; nothing leaves this page."),
    sliders,
    el("div", { class: "controls" }, reset),
    result,
    ...askedDifferently(),
  ];
}

/** As `keepDrawn`, for a holder that is put into the page afterwards. */
function keepLater(holder, view) {
  const again = () => {
    const width = (holder.isConnected && holder.clientWidth) || byId("report").clientWidth;
    redraw(holder, [view(width)].flat());
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
    range.max = Math.max(most, value());
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
    if (given > Number(range.max)) range.max = roundUp(given);
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
  const range = el("input", { type: "range", id: "range-size", min: 0, max: most, step: 1, "data-key": "size" });
  const mode = el("select", { "aria-label": "Size of the campaign" }, el("option", { value: "best" }, "best"), el("option", { value: "fixed" }, "fixed"));
  const label = el("label", { for: range.id });
  // It stands at the size that is called, so that "fixed" begins there.
  const show = (stop) => {
    const isFixed = campaignState.stop !== null;
    mode.value = isFixed ? "fixed" : "best";
    range.value = Math.max(0, stop);
    const size = stop === NOBODY ? "nobody" : `${percent(data.stops[stop], 1)}, ${plural(calledAt(stop), "customer")}`;
    const words = isFixed ? size : `${size}: earns most`;
    label.textContent = `Size of the campaign: ${words}`;
    range.setAttribute("aria-valuetext", words);
  };
  range.addEventListener("input", () => {
    campaignState.stop = Number(range.value);
    onChange();
  });
  mode.addEventListener("change", () => {
    campaignState.stop = mode.value === "fixed" ? Number(range.value) : null;
    onChange();
  });
  return { box: el("div", { class: "slider" }, label, range, mode), show };
}

function campaignResult(width, offers) {
  const amounts = amountsOf(campaignState);
  if (!offers.length) return [el("p", {}, "No candidate finished all splits, so there is nothing to compare.")];
  const [best] = offers;
  const taken = answerOf(offers, amounts);
  return [
    isChanged() ? changedWords() : null,
    answerBox(taken, offers, amounts),
    el("div", { class: "two" }, profitPlot(columnWidth(width), taken, amounts), offerTable(offers, taken, amounts)),
    el("p", { class: "aside" }, "The size that earns most is read off these very customers, which flatters it a little: “regret” on the profit board is what choosing it on other customers cost. “Same” rows cannot be told from the highest figure here (paired test over the splits, corrected, one by one)."),
  ].filter(Boolean);
}

/** Say that these are other amounts than those of the rest of the page. */
function changedWords() {
  const { clv, incentive, contact, acceptance } = data.economics;
  const figures = `a customer is worth ${amount(clv)}, an offer costs ${amount(incentive)}, a contact ${amount(contact)}, ${percent(acceptance, 1)} accept`;
  return el("p", { class: "banner", id: "changed" }, el("strong", {}, "Changed amounts."), ` What follows is for yours; the answer at the top, the boards and the table at the end of this section keep the dataset's: ${figures}.`);
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
  const { margin, unbeaten } = marginAndDoubt(curve, amounts, taken);
  const called = count(calledAt(taken.stop));
  const list = ["the list of ", el("strong", {}, el("a", { href: `#row-${taken.number}` }, row.name))];
  const words = data.stops[taken.stop] === 1
    ? `Call everybody, all ${called}: no list is needed at these amounts.`
    : ["Call ", el("strong", {}, called), ` of ${count(data.nSamples)}: the top `, el("strong", {}, percent(data.stops[taken.stop], 1)), " of ", ...list];
  return el(
    "div",
    { ...attributes, "data-winner": rows[best.number].name, "data-profit": best.profit, "data-called": calledAt(best.stop), "data-answer": row.name },
    el("p", { class: "big" }, words),
    unbeaten.length ? el("p", { id: "doubt" }, el("strong", {}, `Not shown to beat calling ${unbeaten.join(" or ")}.`), " The difference is within its margin.") : null,
    el("dl", { class: "figures" },
      pair("customers to call", called),
      pair("of them would leave", percent(precisionAt(curve, taken.stop))),
      pair("from a score of", figure(scoreAt(curve, taken.stop), 3)),
      pair("earned per customer", whole(`${amount(taken.profit)} ± ${amount(margin)}`)),
      pair(`earned on all ${count(data.nSamples)}`, whole(`${amount(taken.profit * data.nSamples, 0)} ± ${amount(margin * data.nSamples, 0)}`)),
      pair("of what is possible at any size", references.perfect > 0 ? percent(taken.profit / references.perfect) : "")),
    el("p", { class: "aside" }, `±: 95 % margin of other customers at this size; that the size was chosen on these very customers comes on top. Per customer, calling nobody earns 0, everybody ${amount(references.everybody)}, exactly the churners ${amount(references.perfect)}. ${nearWords(curve, taken, amounts)}${othersWords(taken, offers, amounts)}`)
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

/** Return what the boards say of the same candidate, which assume other things, in one table. */
function askedDifferently() {
  const amounts = amountsOf(data.economics);
  const offers = allOffers(amounts);
  if (!offers.length) return [];
  const taken = answerOf(offers, amounts);
  const row = rows[taken.number];
  const share = (stop) => (stop === NOBODY ? 0 : data.stops[stop]);
  const asked = [
    ["this section", taken.profit, share(taken.stop), "One size for all splits, the one that earns most on these very customers: flatters a little."],
    ["campaign profit", score(row, "campaign_profit"), score(row, "campaign_fraction"), "The size was chosen on other customers: the nearest to what a new list would bring."],
    ["MPC", score(row, "mpc"), null, "Every split has the size that earns most on its own customers: flatters more."],
    ["EMPC", score(row, "empc"), score(row, "empc_fraction"), "How many accept is not known: the mean over what it may be, each with the size that is best then."],
    ["by customer value", score(row, "value_profit"), null, "Every customer is worth a different amount, and the list is ordered by what a call may earn: another list, other amounts."],
  ].filter(([, profit]) => isNumber(profit));
  return [
    el("h3", {}, "The same campaign, asked differently"),
    el("p", { class: "aside" }, "What this section and the boards say of ", el("a", { href: `#row-${row.number}` }, row.name), " at the dataset's amounts, and why it differs."),
    table({
      label: "The same campaign, asked differently",
      rows: asked,
      columns: [
        { title: "figure", cell: ([name]) => name, kind: "name" },
        { title: "earned per customer", cell: ([, profit]) => amount(profit), isNumber: true },
        { title: "called", cell: ([, , called]) => (isNumber(called) ? percent(called, 1) : ""), isNumber: true },
        { title: "what it assumes", cell: ([, , , words]) => words },
      ],
    }),
  ];
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
    y: { domain: [Math.min(0, ...values), Math.max(...values, 0.01)], label: "profit per customer", readout: amount, format: (value) => amount(value, Math.abs(Math.max(...values)) < 5 ? 1 : 0) },
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
