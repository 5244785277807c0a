// Tables that are sorted by their headings, by pointer and by keyboard.

/** While the page is printed, tables show all rows and the boards stand below one another. */
const paper = { isOn: false };

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
    const title = [column.hint, meaningOf(column.title)].filter(Boolean).join(". ") || null;
    if (!column.value) return el("th", { scope: "col", class: kinds(column), title }, column.title);
    const button = el("button", { type: "button", title, on: { click: () => sortBy(k) } }, column.title);
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
    more.textContent = state.isWhole ? "Show fewer" : `Show all ${rows.length}`;
    heads.forEach((head, k) => {
      if (state.by === k) head.setAttribute("aria-sort", state.isDescending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
      const button = head.querySelector("button");
      if (button) button.textContent = columns[k].title + (state.by === k ? (state.isDescending ? " ▼" : " ▲") : "");
    });
    const inOrder = sorted(rows, columns[state.by], state.isDescending);
    const isShown = (row, k) => !isLong || state.isWhole || paper.isOn || k < limit || isKept(row);
    const lines = [];
    let skipped = [];
    // A single row takes no more room than the line that says that it is left out.
    const close = () => {
      if (skipped.length) lines.push(skipped.length > 1 ? gapLine(skipped.length) : lineOf(skipped[0]));
      skipped = [];
    };
    inOrder.forEach((row, k) => {
      if (!isShown(row, k)) return skipped.push(row);
      close();
      return lines.push(lineOf(row));
    });
    close();
    body.replaceChildren(...lines);
  }
  function lineOf(row) {
    const line = el("tr", {}, columns.map((column) => el("td", { class: kinds(column) }, column.cell(row))));
    if (decorate) decorate(line, row);
    return line;
  }
  function gapLine(n) {
    return el("tr", { class: "gap" }, el("td", { class: "aside", colspan: columns.length }, `… ${n} more`));
  }
  show();
  const holder = el(
    "div",
    { class: "table" },
    el("div", { class: "wide", role: "region", "aria-label": label, tabindex: 0 }, el("table", {}, el("thead", {}, el("tr", {}, heads)), body)),
    isLong ? more : null
  );
  holder.showRows = show;
  return holder;
}

/** Return what the glossary says of a heading, up to its first comma. */
function meaningOf(title) {
  const [word] = title.toLowerCase().split(",");
  const found = [...document.querySelectorAll(".words dt")].find((one) => one.textContent.toLowerCase().split(", ").includes(word));
  return found ? found.nextElementSibling.textContent : "";
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
