// Puts everything in its place and shows what the address asks for.

byId("board-view").replaceChildren(...boardView());
heatView.again = keepDrawn(byId("heat-view"), heatView);
byId("money-view").replaceChildren(...campaignView());
sweepView.again = () => {};
curveView.again = keepDrawn(byId("curve-view"), curveView);
sweepView.again = keepDrawn(byId("sweep-view"), sweepView);
if (data.features) {
  featureView.again = keepDrawn(byId("feature-view"), featureView);
  dependenceView.again = keepDrawn(byId("dependence-view"), dependenceView);
  byId("agreement-view").replaceChildren(...agreementView());
  byId("stability-view").replaceChildren(...stabilityView());
  byId("shift-view").replaceChildren(...shiftView());
}
if (data.segments) segmentView.again = keepDrawn(byId("segment-view"), segmentView);
if (data.tuning) {
  byId("bought-view").replaceChildren(...boughtView());
  searchView.again = keepDrawn(byId("search-view"), searchView);
}
costView.again = keepDrawn(byId("cost-view"), costView);
byId("count-view").replaceChildren(...allCounts());
byId("address-view").replaceChildren(addressTable());

/** Show the candidate that the address names, or else the report. */
function follow() {
  const found = /^#row-(\d+)$/.exec(location.hash);
  const row = found && rows[Number(found[1])];
  hideTip();
  byId("report").hidden = Boolean(row);
  byId("candidate").hidden = !row;
  if (row) {
    const page = candidatePage(row);
    redrawAll();
    scrollTo(0, 0);
    page.querySelector("h1").focus({ preventScroll: true });
  } else {
    byId("candidate").replaceChildren();
    redrawAll();
    const target = location.hash.length > 1 && byId(location.hash.slice(1));
    if (target) target.scrollIntoView();
  }
}

/** Open for print what is folded on the screen, and fold it again afterwards. */
function lay(isPrinted) {
  paper.isOn = isPrinted;
  boardView.again();
  redrawAll();
  for (const one of document.querySelectorAll(".table")) one.showRows();
  for (const one of document.querySelectorAll(isPrinted ? "details:not([open])" : "details.unfolded")) {
    one.classList.toggle("unfolded", isPrinted);
    one.open = isPrinted;
  }
}

let width = innerWidth;
let waiting = 0;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(redrawAll, 120);
});
addEventListener("hashchange", follow);
addEventListener("beforeprint", () => lay(true));
addEventListener("afterprint", () => lay(false));
addEventListener("scroll", () => document.activeElement.matches("svg") || hideTip(), { passive: true });

follow();
