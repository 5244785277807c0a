// Plots in SVG: axes, lines, bands, dots and rules, read out by pointer and arrow keys.

const SHAPES = {
  circle: (r) => draw("circle", { r }),
  square: (r) => draw("rect", { x: -r, y: -r, width: 2 * r, height: 2 * r }),
  triangle: (r) => draw("path", { d: `M0,${-r * 1.2}L${r * 1.1},${r}L${-r * 1.1},${r}Z` }),
  diamond: (r) => draw("path", { d: `M0,${-r * 1.3}L${r * 1.3},0L0,${r * 1.3}L${-r * 1.3},0Z` }),
  wedge: (r) => draw("path", { d: `M0,${r * 1.2}L${r * 1.1},${-r}L${-r * 1.1},${-r}Z` }),
  cross: (r) => draw("path", { d: `M${-r},${-r}L${r},${r}M${-r},${r}L${r},${-r}`, "stroke-width": 2 }),
};
const SHAPE_NAMES = Object.keys(SHAPES);
const DASHES = ["", "7 3", "9 3 2 3", "4 2", "12 4"];
const colour = (k) => `var(--c${k % 7})`;

/** Return what turns values into pixels, and back. */
function scale([low, high], [from, to], isLog = false) {
  const f = isLog ? Math.log10 : (value) => value;
  const span = f(high) - f(low) || 1;
  const at = (value) => from + ((f(value) - f(low)) / span) * (to - from);
  at.back = (pixel) => {
    const value = f(low) + ((pixel - from) / (to - from)) * span;
    return isLog ? 10 ** value : value;
  };
  return at;
}

/** Return 1, 2 and 5 of each power of ten, or the powers alone where there is no `room` for more. */
function logTicks(low, high, room) {
  const found = [];
  const steps = 3 * Math.log10(high / low) > room ? [1] : [1, 2, 5];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const step of steps) {
      const value = Number((step * 10 ** power).toPrecision(3));
      if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
    }
  }
  return found.length > 1 ? found : [low, high];
}

/**
 * Return a plot as a figure element.
 *
 * `x` and `y` are axes {domain, label, format, isLog}, `y.readout` writes what is read out where
 * that takes more digits than the axis; `layers` are lines {points: [[x, y]], name,
 * colour, dash}, bands {band: [[x, low, high]]}, dots {dots: [{x, y, text, row}], shape, isFilled},
 * whiskers {whiskers: [{x, low, high}]} and rules {atX | atY}. A `handle` {at, onMove(x)} is a rule
 * that is dragged, or moved with the arrow keys; the figure's `moveHandle(x)` moves it, too.
 */
function plot(width, { caption, note, x, y, layers, height = 300, isListed = true, most = 760, onPick, handle }) {
  const size = { width: Math.max(260, Math.min(width, most)), height };
  const yTicks = ticks(...y.domain, 5);
  const yFormat = y.format || ((value) => figure(value, digitsFor(yTicks)));
  const xFormat = x.format || ((value) => figure(value, 2));
  const widest = Math.max(...yTicks.map((tick) => yFormat(tick).length));
  const box = { left: 14 + 7 * widest, right: size.width - 14, top: 22, bottom: size.height - 38 };
  const atX = scale(x.domain, [box.left, box.right], x.isLog);
  const atY = scale(y.domain, [box.bottom, box.top]);
  const svg = draw("svg", {
    viewBox: `0 0 ${size.width} ${size.height}`,
    width: size.width,
    height: size.height,
    role: "img",
    tabindex: 0,
    "aria-label": `${caption}. ${y.label} against ${x.label}. Arrow keys read values out.`,
  });
  drawAxes(svg, { box, atX, atY, x, y, yTicks, xFormat, yFormat });
  for (const layer of layers) drawLayer(svg, layer, { box, atX, atY, onPick });
  const lines = layers.filter((layer) => layer.points);
  const dots = layers.flatMap((layer) => (layer.isCursorFree ? [] : layer.dots || []));
  const pointing = { box, size, atX, atY, lines, dots, x, xFormat, readFormat: y.readout || yFormat };
  const drag = handle ? addHandle(svg, pointing, handle) : null;
  readOut(svg, pointing, drag);
  const whole = el(
    "figure",
    {},
    el("figcaption", {}, el("strong", {}, caption), note ? ` ${note}` : ""),
    isListed ? legend(layers) : null,
    svg
  );
  whole.moveHandle = drag;
  return whole;
}

/** Add a rule that the reader moves; return what moves it. */
function addHandle(svg, { box, size, atX, x }, { at, onMove }) {
  const rule = draw("line", { y1: box.top, y2: box.bottom, stroke: "var(--ink)", "stroke-width": 1.5 });
  const grip = draw("circle", { cy: box.top, r: 6, fill: "var(--ink)", class: "handle" });
  svg.append(rule, grip);
  svg.classList.add("handle");
  const move = (value) => {
    const left = atX(Math.min(Math.max(value, Math.min(...x.domain)), Math.max(...x.domain)));
    rule.setAttribute("x1", left);
    rule.setAttribute("x2", left);
    grip.setAttribute("cx", left);
  };
  const follow = (event) => {
    const frame = svg.getBoundingClientRect();
    onMove(atX.back(((event.clientX - frame.left) * size.width) / frame.width));
  };
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    follow(event);
  });
  svg.addEventListener("pointermove", (event) => event.buttons === 1 && follow(event));
  move(at);
  return move;
}

function drawAxes(svg, { box, atX, atY, x, y, yTicks, xFormat, yFormat }) {
  for (const tick of yTicks) {
    const at = atY(tick);
    svg.append(
      draw("line", { x1: box.left, x2: box.right, y1: at, y2: at, class: tick === 0 ? "zero" : "axis" }),
      draw("text", { x: box.left - 6, y: at + 4, "text-anchor": "end" }, yFormat(tick))
    );
  }
  const room = Math.max(2, Math.floor((box.right - box.left) / 70));
  const xTicks = x.isLog ? logTicks(...x.domain, room) : ticks(...x.domain, Math.min(room, 8));
  for (const tick of xTicks) {
    svg.append(
      draw("line", { x1: atX(tick), x2: atX(tick), y1: box.bottom, y2: box.bottom + 4, class: "zero" }),
      draw("text", { x: atX(tick), y: box.bottom + 17, "text-anchor": "middle" }, xFormat(tick))
    );
  }
  svg.append(
    draw("text", { x: box.right, y: box.bottom + 33, "text-anchor": "end" }, x.label),
    draw("text", { x: 0, y: 12 }, y.label)
  );
}

function drawLayer(svg, layer, { box, atX, atY, onPick }) {
  const ink = layer.colour || "var(--other)";
  if (layer.band) {
    const there = layer.band.map(([at, , high]) => `${atX(at).toFixed(1)},${atY(high).toFixed(1)}`);
    const back = layer.band.map(([at, low]) => `${atX(at).toFixed(1)},${atY(low).toFixed(1)}`).reverse();
    svg.append(draw("polygon", { points: [...there, ...back].join(" "), fill: ink, opacity: 0.15 }));
  }
  if (layer.points) {
    const points = layer.points.map(([at, value]) => `${atX(at).toFixed(1)},${atY(value).toFixed(1)}`);
    svg.append(
      draw("polyline", {
        points: points.join(" "),
        fill: "none",
        stroke: ink,
        "stroke-width": layer.width || 2,
        "stroke-dasharray": layer.dash,
        "stroke-linejoin": "round",
      })
    );
  }
  for (const { x, low, high } of layer.whiskers || []) {
    svg.append(draw("line", { x1: atX(x), x2: atX(x), y1: atY(low), y2: atY(high), stroke: ink, "stroke-width": 1.5 }));
  }
  for (const dot of layer.dots || []) {
    const mark = SHAPES[layer.shape || "circle"](layer.size || 4.5);
    mark.setAttribute("transform", `translate(${atX(dot.x).toFixed(1)},${atY(dot.y).toFixed(1)})`);
    mark.setAttribute("stroke", ink);
    mark.setAttribute("fill", dot.isHollow ? "var(--ground)" : ink);
    if (onPick && dot.row !== undefined) {
      mark.style.cursor = "pointer";
      mark.addEventListener("click", () => onPick(dot.row));
    }
    svg.append(mark);
  }
  if (layer.atX !== undefined) drawRule(svg, layer, { x1: atX(layer.atX), x2: atX(layer.atX), y1: box.top, y2: box.bottom });
  if (layer.atY !== undefined) drawRule(svg, layer, { x1: box.left, x2: box.right, y1: atY(layer.atY), y2: atY(layer.atY) });
}

function drawRule(svg, layer, ends) {
  svg.append(draw("line", { ...ends, stroke: layer.colour || "var(--other)", "stroke-dasharray": layer.dash }));
}

/** Return what the marks of named layers mean. */
function legend(layers) {
  const named = layers.filter((layer) => layer.name);
  if (!named.length) return null;
  return el(
    "ul",
    { class: "legend" },
    named.map((layer) => {
      const sample = draw("svg", { width: 26, height: 12, "aria-hidden": "true" });
      const ink = layer.colour || "var(--other)";
      if (layer.dots) {
        const mark = SHAPES[layer.shape || "circle"](4.5);
        mark.setAttribute("transform", "translate(13,6)");
        mark.setAttribute("fill", layer.dots.every((dot) => dot.isHollow) ? "var(--ground)" : ink);
        mark.setAttribute("stroke", ink);
        sample.append(mark);
      } else if (layer.band) {
        sample.append(draw("rect", { width: 26, height: 12, fill: ink, opacity: 0.15 }));
      } else {
        sample.append(
          draw("line", { x1: 0, x2: 26, y1: 6, y2: 6, stroke: ink, "stroke-width": 2, "stroke-dasharray": layer.dash })
        );
      }
      return el("li", {}, sample, layer.name);
    })
  );
}

/** Return the value of a line at `at`, straight between its points; null beyond them. */
function valueAt(points, at) {
  for (let k = 1; k < points.length; k += 1) {
    const [[x0, y0], [x1, y1]] = [points[k - 1], points[k]];
    if (at >= Math.min(x0, x1) && at <= Math.max(x0, x1)) {
      return x1 === x0 ? y1 : y0 + ((at - x0) / (x1 - x0)) * (y1 - y0);
    }
  }
  return null;
}

/** Let pointer and arrow keys read values out of lines, and names out of dots. */
function readOut(svg, { box, size, atX, atY, lines, dots, x, xFormat, readFormat }, drag) {
  const rule = draw("line", { y1: box.top, y2: box.bottom, class: "zero", visibility: "hidden" });
  svg.append(rule);
  let at = (x.domain[0] + x.domain[1]) / 2;
  let number = -1;
  const place = (left, top) => {
    const frame = svg.getBoundingClientRect();
    const ratio = frame.width / size.width;
    return [frame.left + left * ratio, frame.top + top * ratio];
  };
  function readLines(value) {
    at = Math.min(Math.max(value, Math.min(...x.domain)), Math.max(...x.domain));
    rule.setAttribute("x1", atX(at));
    rule.setAttribute("x2", atX(at));
    rule.setAttribute("visibility", "visible");
    const told = lines
      .filter((line) => line.name)
      .map((line) => [line.name, valueAt(line.points, at)])
      .filter(([, found]) => found !== null)
      .map(([name, found]) => `${name}: ${readFormat(found)}`);
    showTip([`${x.label} ${xFormat(at)}`, ...told].join("\n"), ...place(atX(at), box.top));
  }
  function readDot(dot) {
    showTip(dot.text, ...place(atX(dot.x), atY(dot.y)));
  }
  svg.addEventListener("pointermove", (event) => {
    const frame = svg.getBoundingClientRect();
    const left = ((event.clientX - frame.left) * size.width) / frame.width;
    const top = ((event.clientY - frame.top) * size.height) / frame.height;
    if (dots.length) {
      const far = (dot) => Math.hypot(atX(dot.x) - left, atY(dot.y) - top);
      const nearest = dots.reduce((best, dot) => (far(dot) < far(best) ? dot : best));
      if (far(nearest) < 24) readDot(nearest);
      else hideTip();
    } else if (left >= box.left - 4 && left <= box.right + 4 && lines.length) {
      readLines(atX.back(left));
    }
  });
  const leave = () => {
    hideTip();
    rule.setAttribute("visibility", "hidden");
  };
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("blur", leave);
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (event.key === "Escape") leave();
    if (!step || drag) return;
    event.preventDefault();
    if (dots.length) {
      number = (number + step + dots.length) % dots.length;
      readDot(dots[number]);
    } else {
      readLines(atX.back(atX(at) + (step * (box.right - box.left)) / 50));
    }
  });
}
