// The four boards: one table, whose columns are those of a board, filtered by what a row is.

const rows = data.rows.map((row, number) => ({ ...row, number }));
const isBaseline = (row) => row.model === data.baseline;
const isReference = (row) => isBaseline(row) || row.number === data.plain;
const isKept = (row) => isReference(row) || row.number === data.choice;
const score = (row, metric) => (row.scores[metric] ? row.scores[metric][0] : null);
const metricTitle = (name) => (data.metrics[name] ? data.metrics[name].title : name);
const isLowerBetter = (name) => Boolean(data.metrics[name]) && data.metrics[name].direction === "lower";
const MANY = 20;

function digitsOf(name) {
  for (const board of data.boards) {
    const column = board.columns.find((one) => one.name === name);
    if (column) return column.digits;
  }
  return 4;
}

function candidateLink(row) {
  const words = [row.preparation, row.repair, row.decision]
    .filter((word, k) => word !== ["encoded", "none", "f1"][k])
    .join(", ");
  const kind = [
    row.number === data.choice ? "the one to take if in doubt" : "",
    isBaseline(row) ? "baseline: knows no customer" : row.number === data.plain ? "plain reference" : "",
  ].filter(Boolean).join("; ");
  return [
    el("a", { href: `#row-${row.number}` }, row.model),
    " ",
    whole(`${row.strategy} ·`),
    " ",
    whole(row.tuning),
    words || kind ? el("small", {}, [words, kind].filter(Boolean).join("; ")) : null,
  ];
}

/** Return a word that is not broken at its hyphens, unless it is a long one. */
function whole(word) {
  return el("span", { class: word.length < 24 && "whole" }, word);
}

function tieMark(row) {
  return (row.tied ? "=" : "") + (row.same ? "~" : "");
}

/** Return the range that holds the intervals of the better half; those far behind are out of it. */
function rangeOf(shown, metric) {
  const sign = isLowerBetter(metric) ? 1 : -1;
  const measured = shown.filter((row) => row.scores[metric] && !isBaseline(row));
  const best = sorted(measured, { value: (row) => sign * score(row, metric) }, false);
  const held = best.slice(0, Math.max(10, Math.ceil(best.length / 2)));
  const bounds = held.flatMap((row) => row.scores[metric]).filter((value, k) => k % 4 !== 1 && isNumber(value));
  return bounds.length ? [Math.min(...bounds), Math.max(...bounds)] : [0, 1];
}

function boardColumns(board, shown) {
  const used = board.columns.filter((column) => column.shown && shown.some((row) => row.scores[column.name]));
  // Ranks and ties are those of the ranking: beside another order they would be misread.
  const isRanking = board === data.boards[0];
  const best = rows[board.rows[0]];
  const columns = [{ title: "candidate", value: (row) => row.name, cell: candidateLink, kind: "name" }];
  if (isRanking) {
    columns.unshift(
      { title: "#", value: (row) => row.rank, cell: (row) => (row.rank === null ? "–" : String(row.rank)), isNumber: true, isLowerBetter: true, hint: "rank" },
      { title: "tie", value: (row) => (row.tied ? 0 : 1), cell: (row) => el("span", { title: tieWords(row) }, tieMark(row)), isLowerBetter: true, hint: "= cannot be told from the best, ~ shown to be as good" }
    );
  }
  for (const column of used) {
    const name = column.name;
    const lower = isLowerBetter(name);
    columns.push({
      title: column.title,
      value: (row) => score(row, name),
      cell: (row) => figure(score(row, name), column.digits),
      isNumber: true,
      isLowerBetter: lower,
      hint: `${metricTitle(name)}${lower ? ", lower is better" : ""}`,
    });
    if (column.interval) {
      const range = rangeOf(shown, name);
      columns.push({
        title: "95 % interval",
        cell: (row) => {
          const found = row.scores[name];
          if (!found) return "";
          const [middle, , low, high] = found;
          const words = isNumber(low) ? `${figure(low, column.digits)} to ${figure(high, column.digits)}` : "";
          return el("span", { title: words }, intervalBar([low, middle, high], range, { isStrong: isRanking && row.tied, reference: score(best, name) }));
        },
      });
    }
  }
  if (isRanking && shown.some((row) => isNumber(row.pBest))) {
    columns.splice(5, 0, { title: "P(best)", value: (row) => row.pBest, cell: (row) => chance(row.pBest), isNumber: true, hint: "share of bootstrap draws that it wins" });
  }
  if (shown.some((row) => row.coverage < 1)) {
    columns.push({ title: "splits", value: (row) => row.coverage, cell: (row) => (row.coverage < 1 ? percent(row.coverage) : "all"), isNumber: true });
  }
  return columns;
}

function tieWords(row) {
  const said = [];
  if (row.tied) said.push("cannot be told from the best");
  if (row.same) said.push("shown to be as good as the best");
  return said.join("; ");
}

const KEYS = ["model", "strategy", "tuning"];
const boardState = { board: data.boards[0].name, model: "", strategy: "", tuning: "", sort: {} };

function options(key) {
  const found = [...new Set(rows.map((row) => row[key]))].sort();
  return [["", `all (${found.length})`], ...found.map((value) => [value, value])];
}

function boardView() {
  const holder = el("div", { role: "tabpanel", "aria-label": "Board" });
  const clear = el("button", { type: "button", class: "quiet", on: { click: reset } }, "Clear filters");
  boardView.again = () => {
    clear.hidden = !KEYS.some((key) => boardState[key]);
    const shown = data.boards.filter((board) => paper.isOn || board.name === boardState.board);
    holder.replaceChildren(...shown.flatMap((board) => boardTable(board, paper.isOn ? {} : boardState.sort)));
  };
  const change = (key) => (value) => {
    boardState[key] = value;
    boardView.again();
  };
  const selects = KEYS.map((key) => choice(key, options(key), boardState[key], change(key)));
  function reset() {
    for (const key of KEYS) boardState[key] = "";
    for (const one of selects) one.querySelector("select").value = "";
    selects[0].querySelector("select").focus();
    boardView.again();
  }
  const pick = tabs("Boards", data.boards.map((board) => [board.name, board.title]), boardState.board, (name) => {
    boardState.board = name;
    boardState.sort = {};
    boardView.again();
  });
  boardView.again();
  return [pick, el("div", { class: "controls" }, selects, clear), holder];
}

function boardTable(board, sort) {
  const fits = (row) => KEYS.every((key) => !boardState[key] || row[key] === boardState[key]);
  const measured = board.rows.map((number) => rows[number]);
  const wanted = measured.filter(fits);
  // References stay in view: without them no figure can be judged.
  const shown = measured.filter((row) => fits(row) || isReference(row));
  const columns = boardColumns(board, shown);
  if (sort.by === undefined) {
    const lead = columns.findIndex((column) => column.isNumber && column.title === leadTitle(board));
    sort.by = Math.max(lead, 0);
    sort.isDescending = lead > 0 && !columns[lead].isLowerBetter;
  }
  const kept = shown.length - wanted.length;
  const parts = [
    paper.isOn ? el("h3", {}, board.title) : null,
    el("p", { class: "aside" }, board.question),
    profitReferences(board),
    table({
      columns,
      rows: shown,
      label: `${board.title} board`,
      state: sort,
      decorate: (line, row) => {
        line.classList.add("opens");
        if (row.tied && board === data.boards[0]) line.classList.add("tied");
        if (isReference(row)) line.classList.add("reference");
        line.addEventListener("click", (event) => {
          if (!event.target.closest("a")) location.hash = `row-${row.number}`;
        });
      },
      limit: MANY,
      isKept,
    }),
    el("p", { class: "aside", "aria-live": "polite" }, `${wanted.length} of ${plural(measured.length, "candidate")}${kept ? `, and ${kept} to compare with` : ""}. ${boardWords(board)}`),
  ];
  return parts.filter(Boolean);
}

function leadTitle(board) {
  const lead = board.columns.find((column) => column.name === (board.sortBy || data.metric));
  return lead ? lead.title : "";
}

function boardWords(board) {
  const words = [];
  if (board === data.boards[0]) {
    words.push("= and the blue edge: this run cannot tell it from the first row. That hangs on the gap and on how much the gap varies from split to split: a steady small gap can be told, an unsteady larger one cannot.");
    if (isNumber(data.margin)) words.push(`~ shown to be as good, within ±${figure(data.margin, 3)}.`);
  } else {
    words.push(`Sorted by ${leadTitle(board)}; which candidates cannot be told apart was tested for ${leadTitle(data.boards[0])} only, on the first board.`);
  }
  words.push(`Means over ${plural(data.nSplits, "split")}, bars are corrected 95 % intervals (◂ out of view).`);
  if (board === data.boards[0] && board.rows.some((number) => rows[number].rank === null)) words.push("Rows without a rank lack splits, or differ from another only after the fit.");
  return words.join(" ");
}

function profitReferences(board) {
  if (board.name !== "profit") return null;
  const lines = Object.entries(data.references).map(
    ([name, [nobody, everybody, perfect]]) =>
      `${metricTitle(name)} per customer: calling nobody ${amount(nobody)}, everybody ${amount(everybody)}, exactly the churners ${amount(perfect)}.`
  );
  const contacted = board.columns.some((column) => column.name === "empc_fraction")
    ? "“Contacted” is the share that is best for EMPC, an average over how many may accept; how many to call at one set of amounts is under Money."
    : "";
  return el("p", { class: "aside" }, [...lines, contacted].filter(Boolean).join(" "));
}
