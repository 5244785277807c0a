// Numbers as the boards in Markdown print them: no more digits than mean something.

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/** Return `value` with so many digits, exact halves to the even neighbour: as Python, unlike `toFixed`. */
function fixed(value, digits) {
  const text = value.toFixed(digits);
  const rest = value.toFixed(100).split(".")[1].slice(digits);
  const isHalf = /^50*$/.test(rest) && "13579".includes(text.slice(-1));
  return isHalf ? text.slice(0, -1) + (Number(text.slice(-1)) - 1) : text;
}

/** `1234.50` as `1,234.50` */
function grouped(text) {
  return text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
}

/** `.8449`, `1.0234`, nothing where there is no number. */
function figure(value, digits = 4, isSigned = false) {
  if (!isNumber(value)) return "";
  const text = fixed(Math.abs(value), digits);
  const isZero = Number(text) === 0;
  const sign = value < 0 && !isZero ? "−" : isSigned && !isZero ? "+" : "";
  return sign + (Number(text) < 1 && digits > 0 ? text.replace(/^0/, "") : text);
}

/** `7,043` */
function count(value) {
  return isNumber(value) ? grouped(fixed(value, 0)) : "";
}

/** `1 split`, `2,000 splits` */
function plural(n, noun) {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** `23 %`, `.5 %` */
function percent(share, digits = 0) {
  if (!isNumber(share)) return "";
  const value = Number(fixed(100 * share, digits));
  return `${value} %`;
}

/** `22 %`, `<1 %` */
function chance(value) {
  if (!isNumber(value)) return "";
  return value < 0.01 ? "<1 %" : percent(value);
}

/** `.071`, `<.001`: a p-value is never 0. */
function pValue(value) {
  return value < 0.001 ? "<.001" : figure(value, 3);
}

/** `−1,234.50`: currency per customer, or of all of them without cents. */
function amount(value, digits = 2) {
  if (!isNumber(value)) return "";
  const text = grouped(fixed(Math.abs(value), digits));
  return (value < 0 && /[1-9]/.test(text) ? "−" : "") + text;
}

/** `.12 s`, `3.4 s`, `125 s` */
function duration(seconds) {
  if (!isNumber(seconds)) return "";
  if (seconds === 0) return "0 s";
  if (seconds < 0.001) return "<1 ms";
  if (seconds < 1) return `${Number((1000 * seconds).toPrecision(2))} ms`;
  return `${seconds < 100 ? Number(seconds.toPrecision(2)) : count(seconds)} s`;
}

function megabytes(value) {
  return isNumber(value) ? `${count(value)} MB` : "";
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const mean = (values) => sum(values) / values.length;

/** Return round numbers from `low` to `high`, about `n` of them. */
function ticks(low, high, n = 5) {
  if (!(high > low)) return [low];
  const rough = (high - low) / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((k) => k * power).find((size) => size >= rough * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k += 1) {
    found.push(Number((k * step).toPrecision(12)));
  }
  return found;
}

/** Return how many digits tell `values` apart. */
function digitsFor(values) {
  const steps = values.slice(1).map((value, k) => Math.abs(value - values[k]));
  const step = Math.min(...steps.filter((size) => size > 0), Infinity);
  if (!Number.isFinite(step)) return 2;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Math.abs(Number(step.toFixed(digits)) - step) > step * 1e-6 ? digits + 1 : digits;
}
