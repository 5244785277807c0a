// Elements and what they hold. Text only ever becomes text nodes: nothing is parsed as HTML.

const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";

/** Return an element; `on` holds listeners, null attributes and children are left out. */
function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for drawings. */
function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "style") {
      for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
    } else {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function byId(id) {
  return document.getElementById(id);
}

/** Return a labelled choice; `options` are [value, text]. */
function choice(label, options, value, onChange) {
  const select = el("select", { name: label, on: { change: () => onChange(select.value) } });
  for (const [key, text] of options) {
    select.append(el("option", { value: key, selected: key === value }, text));
  }
  return el("label", {}, label, select);
}

/** Return buttons of which one is pressed, reachable with the arrow keys. */
function tabs(label, options, value, onChange) {
  const list = el("div", { role: "tablist", "aria-label": label });
  const buttons = options.map(([key, text]) =>
    el("button", { type: "button", role: "tab", "data-key": key, on: { click: () => press(key) } }, text)
  );
  function show(key) {
    for (const button of buttons) {
      const isOn = button.dataset.key === key;
      button.setAttribute("aria-selected", isOn);
      button.tabIndex = isOn ? 0 : -1;
    }
  }
  function press(key) {
    show(key);
    onChange(key);
  }
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const now = buttons.findIndex((button) => button.tabIndex === 0);
    const next = buttons[(now + step + buttons.length) % buttons.length];
    event.preventDefault();
    press(next.dataset.key);
    next.focus();
  });
  list.append(...buttons);
  show(value);
  return list;
}

const tip = byId("tip");

/** Show `text` beside the pointer, or beside `element` where there is none. */
function showTip(text, x, y) {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - box.width - 8))}px`;
  tip.style.top = `${y + 18 + box.height > innerHeight ? y - box.height - 10 : y + 18}px`;
}

function hideTip() {
  tip.hidden = true;
}

// --- views that are drawn again when the page gets another width ---------------------

const views = [];

/** Put `children` where those of `holder` are; the focus stays on the control that it was on. */
function redraw(holder, children) {
  const old = holder.contains(document.activeElement) ? document.activeElement : null;
  const kind = old && old.name ? `[name="${CSS.escape(old.name)}"]` : old && old.localName;
  const alike = () => [...holder.querySelectorAll(kind)].filter((one) => !one.disabled);
  const place = old && alike().indexOf(old);
  holder.replaceChildren(...children);
  if (!old) return;
  const [next] = alike().slice(0, place + 1).slice(-1);
  // Where the last of its kind has gone, the first control is next to it.
  (next || holder.querySelector("select"))?.focus({ preventScroll: true });
}

/** Draw `view` into `holder` now, and again whenever the width of the page changes. */
function keepDrawn(holder, view) {
  const again = () => {
    if (holder.clientWidth > 0) redraw(holder, [view(holder.clientWidth)].flat());
  };
  views.push({ holder, again });
  again();
  return again;
}

function redrawAll() {
  // Those that have left the page need no more drawing.
  for (let k = views.length - 1; k >= 0; k -= 1) {
    if (views[k].holder.isConnected) views[k].again();
    else views.splice(k, 1);
  }
}
