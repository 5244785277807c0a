// Tables that are sorted by their headings, by pointer and by keyboard.

/**
 * Return a table in a frame that scrolls by itself.
 *
 * `columns` are {title, value(row), cell(row), isNumber, isLowerBetter, hint}; those without
 * `value` are not sorted by. `state` keeps {by, isDescending} between drawings. With a `limit`
 * only so many rows are shown, and those that `isKept` wants, until the reader asks for all.
 */
function table({ columns, rows, label, state = {}, decorate, limit = Infinity, isKept = () => false }) {
  const body = el("tbody");
  const isLong = rows.length > limit + 4;
  const more = el("button", { type: "button", class: "quiet", on: { click: () => { state.isWhole = !state.isWhole; show(); } } });
  const heads = columns.map((column, k) => {
    if (!column.value) return el("th", { scope: "col", class: kinds(column) }, column.title);
    const button = el("button", { type: "button", title: column.hint, on: { click: () => sortBy(k) } }, column.title);
    return el("th", { scope: "col", class: kinds(column) }, button);
  });
  function sortBy(k) {
    // What is best comes first; another press turns the order round.
    const first = columns[k].isNumber && !columns[k].isLowerBetter;
    state.isDescending = state.by === k ? !state.isDescending : Boolean(first);
    state.by = k;
    show();
  }
  function show() {
    more.textContent = state.isWhole ? `Show the first ${limit}` : `Show all ${rows.length}`;
    heads.forEach((head, k) => {
      if (state.by === k) head.setAttribute("aria-sort", state.isDescending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
      const button = head.querySelector("button");
      if (button) button.textContent = columns[k].title + (state.by === k ? (state.isDescending ? " ▼" : " ▲") : "");
    });
    const inOrder = sorted(rows, columns[state.by], state.isDescending);
    body.replaceChildren(
      ...inOrder.filter((row, k) => !isLong || state.isWhole || k < limit || isKept(row)).map((row) => {
        const cells = columns.map((column) =>
          el("td", { class: kinds(column) }, column.cell(row))
        );
        const line = el("tr", {}, cells);
        if (decorate) decorate(line, row);
        return line;
      })
    );
  }
  show();
  return el(
    "div",
    {},
    el("div", { class: "wide", role: "region", "aria-label": label, tabindex: 0 }, el("table", {}, el("thead", {}, el("tr", {}, heads)), body)),
    isLong ? more : null
  );
}

function kinds({ isNumber, kind }) {
  return [isNumber && "number", kind].filter(Boolean).join(" ") || null;
}

/** Return rows in the order of a column; those without a value last, equals as they were. */
function sorted(rows, column, isDescending) {
  if (!column || !column.value) return rows;
  const sign = isDescending ? -1 : 1;
  return rows
    .map((row, k) => [column.value(row), k, row])
    .sort(([a, i], [b, j]) => {
      const hasA = a !== null && a !== undefined && a !== "";
      const hasB = b !== null && b !== undefined && b !== "";
      if (hasA !== hasB) return hasA ? -1 : 1;
      if (!hasA || a === b) return i - j;
      return sign * (a < b ? -1 : 1);
    })
    .map(([, , row]) => row);
}

/** Return a mean with its interval as a bar on a common scale. */
function intervalBar([low, middle, high], [from, to], { isStrong, reference, width = innerWidth < 600 ? 72 : 120 } = {}) {
  const at = scale([from, to], [4, width - 4]);
  const ink = isStrong ? "var(--accent)" : "var(--other)";
  const clip = (value) => at(Math.min(Math.max(value, from), to));
  const beyond = isNumber(middle) && middle < from ? "◂" : isNumber(middle) && middle > to ? "▸" : "";
  if (beyond) {
    const ends = beyond === "◂" ? { x: 0 } : { x: width, "text-anchor": "end" };
    return draw("svg", { class: "bar", width, height: 16, viewBox: `0 0 ${width} 16`, "aria-hidden": "true" }, draw("text", { ...ends, y: 12 }, beyond));
  }
  const hasInterval = isNumber(low) && isNumber(high);
  return draw(
    "svg",
    { class: "bar", width, height: 16, viewBox: `0 0 ${width} 16`, "aria-hidden": "true" },
    isNumber(reference) ? draw("line", { x1: at(reference), x2: at(reference), y1: 0, y2: 16, class: "zero", "stroke-dasharray": "2 2" }) : null,
    hasInterval ? draw("line", { x1: clip(low), x2: clip(high), y1: 8, y2: 8, stroke: ink, "stroke-width": 2 }) : null,
    isNumber(middle)
      ? draw("circle", { cx: clip(middle), cy: 8, r: 3.5, stroke: ink, "stroke-width": 1.5, fill: isStrong ? ink : "var(--ground)" })
      : null
  );
}

/** Return what shades values by their rank, so that one that breaks down leaves the rest a scale. */
function ranged(values, lower) {
  const order = [...new Set(values)].sort((a, b) => (lower ? b - a : a - b));
  return (value) => {
    const share = order.length > 1 ? order.indexOf(value) / (order.length - 1) : 1;
    return mix("--c0", share ** 1.5 * 0.55);
  };
}

/** Return a background that holds `share` of a colour, little enough for the ink to be read on it. */
function mix(name, share) {
  return `color-mix(in oklab, var(${name}) ${Math.round(100 * share)}%, var(--ground))`;
}
