// The index: bars on the cards, the board over all datasets, and the figures on each of them.

const board = data.board;
const rows = board.rows.map((row, number) => ({ ...row, number }));
const isBaseline = (row) => row.model === board.baseline;
const isReference = (row) => isBaseline(row) || row.name === board.plain;
const MANY = 20;
const KEYS = ["model", "strategy", "tuning"];
const TIED = 1;
const SAME = 2;
const state = { filters: { model: "", strategy: "", tuning: "" }, shows: "figure", across: {}, each: {} };

for (const holder of document.querySelectorAll("[data-bar]")) {
  const bar = data.bars[Number(holder.dataset.bar)];
  if (bar) holder.append(intervalBar(bar.bounds, bar.range, { isStrong: true, width: 200 }));
}

// --- what both tables share -----------------------------------------------------------

const fits = (row) => KEYS.every((key) => !state.filters[key] || row[key] === state.filters[key]);
/** References stay in view: without them no figure can be judged. */
const shownRows = () => rows.filter((row) => fits(row) || isReference(row));

function filterView() {
  const found = (key) => [...new Set(rows.map((row) => row[key]))].sort();
  const selects = KEYS.map((key) =>
    choice(key, [["", `all (${found(key).length})`], ...found(key).map((one) => [one, one])], "", (value) => {
      state.filters[key] = value;
      show();
    })
  );
  const clear = el("button", { type: "button", class: "quiet", hidden: true, on: { click: reset } }, "Clear filters");
  function reset() {
    for (const key of KEYS) state.filters[key] = "";
    for (const select of selects) select.querySelector("select").value = "";
    show();
  }
  function show() {
    clear.hidden = !KEYS.some((key) => state.filters[key]);
    showTables();
  }
  return el("div", { class: "controls" }, selects, clear);
}

function nameColumn() {
  return { title: "candidate", value: (row) => row.name, cell: nameOf, kind: "name" };
}

function nameOf(row) {
  const words = [row.preparation, row.repair, row.decision]
    .filter((word, k) => word !== ["encoded", "none", "f1"][k])
    .join(", ");
  const kind = isBaseline(row) ? "baseline: knows no customer" : row.name === board.plain ? "plain reference" : "";
  return [
    el("bdi", {}, el("strong", {}, row.model), ` ${row.strategy} · ${row.tuning}`),
    words || kind ? el("small", {}, [words, kind].filter(Boolean).join("; ")) : null,
  ].filter(Boolean);
}

function rankColumn() {
  return {
    title: "#",
    value: (row) => row.rank,
    cell: (row) => (row.rank === null ? "–" : String(row.rank)),
    isNumber: true,
    isLowerBetter: true,
    hint: "by mean rank",
  };
}

function decorate(line, row) {
  if (isReference(row)) line.classList.add("reference");
}

// --- over all -------------------------------------------------------------------------

function acrossColumns(shown) {
  const number = (title, value, text, hint, isLower) => ({
    title,
    value,
    cell: (row) => text(value(row)),
    isNumber: true,
    isLowerBetter: isLower,
    hint,
  });
  const part = (k) => (row) => row.chances[k];
  const several = rows.some((row) => isNumber(row.p));
  const columns = [
    rankColumn(),
    nameColumn(),
    number("mean rank", (row) => row.meanRank, (value) => figure(value, 2), "over the datasets, of those ranked", true),
    number(`mean ${board.metric}`, (row) => row.mean, (value) => figure(value), "over the datasets", board.isLowerBetter),
    number("first on", (row) => row.firsts, count, "datasets on which it has the best mean"),
  ];
  if (board.datasets.some((one) => one.isMarked)) {
    columns.push(number("tied on", (row) => row.ties, count, "datasets whose board cannot tell it from the best"));
  }
  if (several) {
    columns.push(
      number("p", (row) => row.p, pValue, "against the first row: Wilcoxon signed-rank, after Holm", true),
      number("better", part(0), chance, "chance on another dataset, against the first row"),
      number("same", part(1), chance, `within ±${figure(board.rope, 3)}`),
      number("worse", part(2), chance, "chance on another dataset, against the first row", true)
    );
  }
  if (rows.some((row) => row.elo)) columns.push(...eloColumns(shown));
  if (rows.some((row) => row.n < board.datasets.length)) {
    columns.push(number("datasets", (row) => row.n, count, `of ${board.datasets.length}`));
  }
  return columns;
}

function eloColumns(shown) {
  const bounds = shown.filter((row) => row.elo && !isBaseline(row)).flatMap((row) => row.elo);
  const range = bounds.length ? [Math.min(...bounds), Math.max(...bounds)] : [0, 1];
  const words = ([low, , high]) => `${count(low)} to ${count(high)}`;
  return [
    {
      title: "Elo",
      value: (row) => row.elo && row.elo[1],
      cell: (row) => (row.elo ? count(row.elo[1]) : ""),
      isNumber: true,
      hint: "Bradley–Terry strength, mean 1000",
    },
    {
      title: "95 % interval",
      cell: (row) => (row.elo ? el("span", { title: words(row.elo) }, intervalBar(row.elo, range, { isStrong: row.rank === 1, reference: rows[0].elo && rows[0].elo[1] })) : ""),
    },
  ];
}

function acrossTable() {
  const shown = shownRows();
  if (state.across.by === undefined) Object.assign(state.across, { by: 0, isDescending: false });
  return [
    table({ columns: acrossColumns(shown), rows: shown, label: "Board over all datasets", state: state.across, decorate, limit: MANY, isKept: isReference }),
    el("p", { class: "aside", "aria-live": "polite" }, `${rows.filter(fits).length} of ${rows.length} candidates.`),
  ];
}

// --- on each --------------------------------------------------------------------------

const SHOWS = [["figure", "the figure"], ["behind", "behind the best"], ["place", "the place"]];

/** Return what a cell shows of a dataset, by row number: the figure, what it lacks, or its place. */
function cellValues(k) {
  const sign = board.isLowerBetter ? 1 : -1;
  const measured = rows.filter((row) => row.cells[k]);
  const figures = measured.map((row) => row.cells[k][0]);
  const best = board.isLowerBetter ? Math.min(...figures) : Math.max(...figures);
  const valueOf = {
    figure: (value) => value,
    behind: (value) => value - best,
    place: (value) => 1 + figures.filter((other) => sign * other < sign * value).length,
  }[state.shows];
  return new Map(measured.map((row) => [row.number, valueOf(row.cells[k][0])]));
}

function eachColumns() {
  const text = { figure: (value) => figure(value), behind: (value) => figure(value, 4, true), place: count }[state.shows];
  const isLower = state.shows === "place" || board.isLowerBetter;
  return board.datasets.map((dataset, k) => {
    const values = cellValues(k);
    return {
      title: dataset.short,
      hint: `${dataset.name}: ${dataset.nComplete} candidates with all splits`,
      isNumber: true,
      isLowerBetter: isLower,
      value: (row) => values.get(row.number),
      cell: (row) => (row.cells[k] ? eachCell(row.cells[k], text(values.get(row.number)), dataset) : "·"),
      shade: ranged([...values.values()], isLower),
    };
  });
}

function eachCell([, marks, line], text, dataset) {
  const words = [text, marks && " ", marks & TIED && "=", marks & SAME && "~"].filter(Boolean).join("");
  if (!dataset.report || line === null) return words;
  return el("a", { href: `${dataset.report}#row-${line}` }, words);
}

function eachTable() {
  const columns = eachColumns();
  if (state.each.by === undefined) Object.assign(state.each, { by: 0, isDescending: false });
  const shade = (line, row) => {
    decorate(line, row);
    columns.forEach((column, k) => {
      const cell = line.children[k + 2];
      if (row.cells[k]) cell.style.background = column.shade(column.value(row));
    });
  };
  return table({ columns: [rankColumn(), nameColumn(), ...columns], rows: shownRows(), label: "Figures on each dataset", state: state.each, decorate: shade, limit: MANY, isKept: isReference });
}

function eachWords() {
  const words = [`${board.metric}, the mean over the splits of each dataset; the stronger the blue the better there.`];
  if (board.datasets.some((one) => one.isMarked)) words.push("= cannot be told from the best on that dataset, ~ shown to be as good.");
  const unmarked = board.datasets.filter((one) => !one.isMarked).map((one) => one.short);
  if (unmarked.length) words.push(`No marks for ${unmarked.join(", ")}: ranked by another metric there.`);
  if (board.datasets.some((one) => one.report)) words.push("A figure leads to the candidate's page in the report of that dataset.");
  return words.join(" ");
}

// --- in their places ------------------------------------------------------------------

function showTables() {
  byId("across-view").replaceChildren(...acrossTable());
  byId("each-table").replaceChildren(eachTable());
}

if (board.datasets.length) {
  byId("filter-view").append(filterView());
  byId("each-view").append(
    el("div", { class: "controls" }, choice("cells show", SHOWS, state.shows, (value) => {
      Object.assign(state, { shows: value, each: {} });
      showTables();
    })),
    el("div", { id: "each-table", class: "each" }),
    el("p", { class: "aside" }, eachWords())
  );
  showTables();
}
