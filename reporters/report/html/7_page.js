// SPDX-License-Identifier: Apache-2.0
// The page: sections with their blocks, the list of sections, the choice of a session and a theme.

function drawDocument(block) {
  const body = node("div", {});
  if (block.caveats.length > 0) body.append(node("ul", {class: "caveats"}, ...block.caveats.map((line) => node("li", {}, line))));
  if (block.summary.length > 0) body.append(node("ul", {}, ...block.summary.map((line) => node("li", {}, line))));
  if (block.body) {
    const text = node("pre", {tabindex: "0", role: "region", "aria-label": block.title}, block.body);
    const copy = () => {
      const range = document.createRange();
      range.selectNodeContents(text);
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      announce(document.execCommand("copy") ? "copied" : "selected");
    };
    body.append(text, node("button", {type: "button", onclick: copy}, "Copy"));
  }
  if (block.evidence.length > 0) {
    body.append(drawTable({title: "Evidence", left_out: 0, columns: [{key: "rule", unit: "text"}, {key: "evidence", unit: "text"}],
      rows: block.evidence.map(([rule, evidence]) => ({rule, evidence}))}));
  }
  return node("details", {class: "document"}, node("summary", {}, block.title), body);
}

function drawFacts(block) {
  return node("dl", {class: "facts"}, ...Object.entries(block.facts).flatMap(
    ([name, value]) => [node("dt", {}, title(name)), node("dd", {}, value)]));
}

function drawBlock(block, report) {
  switch (block.type) {
    case "facts": return drawFacts(block);
    case "table": return drawTable(block);
    case "histogram": return drawHistogram(block);
    case "heat_map": return drawHeatMap(block);
    case "flame_graph": return drawFlame(block);
    case "process_tree": return drawProcessTree(block, report);
    case "graph": return drawGraph(block);
    case "timeline": return drawTimeline(block);
    case "document": return drawDocument(block);
  }
  return null;
}

function drawBlocks(blocks, report) {
  const drawn = [];
  for (const block of blocks) {
    const element = drawBlock(block, report);
    if (!element) continue;
    // Histograms stand beside each other.
    const last = drawn[drawn.length - 1];
    if (block.type === "histogram" && last && last.classList.contains("pair")) last.append(element);
    else drawn.push(block.type === "histogram" ? node("div", {class: "pair"}, element) : element);
  }
  return drawn;
}

function drawSection(section, report) {
  const lost = section.notes.filter((note) => / lost /.test(note));
  const notes = section.notes.filter((note) => !lost.includes(note));
  const list = (lines, kind) => lines.length > 0 && node("ul", {class: kind}, ...lines.map((line) => node("li", {}, line)));
  return node("section", {id: section.kind, "aria-labelledby": `${section.kind}-title`},
    node("h2", {id: `${section.kind}-title`}, section.title), node("p", {class: "headline"}, section.headline),
    list(lost, "notes lost"), list(notes, "notes"), ...drawBlocks(section.blocks, report));
}

// What each section says, as links to them; drawn as a table of the overview.
function contents(sections) {
  const block = {title: "What it shows", left_out: 0, columns: [{key: "report", unit: "text"}, {key: "says", unit: "text"}],
    rows: sections.map((one) => ({report: one.title, says: one.headline, kind: one.kind}))};
  return drawTable(block, (column, row) => column.key === "report" && node("a", {href: `#${row.kind}`}, row.report));
}

function drawNavigation(sections) {
  document.getElementById("nav").replaceChildren(node("ul", {}, ...sections.map((one) => node("li", {},
    node("a", {href: `#${one.kind}`, class: one.recorded ? "" : "absent"}, one.title)))));
  const links = new Map([...document.querySelectorAll("#nav a")].map((link) => [link.hash.slice(1), link]));
  const seen = new Map();
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) seen.set(entry.target.id, entry.isIntersecting);
    const current = sections.find((one) => seen.get(one.kind));
    for (const [kind, link] of links) {
      if (current && kind === current.kind) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, {rootMargin: "-10% 0px -70% 0px"});
  for (const one of document.querySelectorAll("main > section")) observer.observe(one);
}

function drawReport(report) {
  const recorded = report.sections.filter((one) => one.recorded), absent = report.sections.filter((one) => !one.recorded);
  const sections = [...recorded, ...absent];
  document.title = `${report.file}: session report`;
  document.getElementById("title").textContent = report.file;
  document.getElementById("subtitle").textContent = `${report.host}, ${report.started.slice(0, 19)}Z` +
    (report.ended ? ` to ${report.ended.slice(11, 19)}Z` : ", incomplete");
  const main = document.getElementById("main");
  main.replaceChildren(...sections.map((one) => drawSection(one, report)));
  const overview = document.getElementById("overview");
  if (overview && sections.length > 1) {
    const before = overview.querySelector(".timeline") || overview.querySelector(".facts");
    before.after(contents(sections.filter((one) => one.kind !== "overview")));
  }
  drawNavigation(sections);
}

const THEMES = {auto: "Theme: auto", light: "Theme: light", dark: "Theme: dark"};

function keepTheme(theme) {
  // A page from a disk may have no storage.
  try { localStorage.setItem("ig-theme", theme); } catch { /* it is then chosen again */ }
}

function keptTheme() {
  try { return localStorage.getItem("ig-theme"); } catch { return null; }
}

function startTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)"), button = document.getElementById("theme");
  let theme = THEMES[keptTheme()] ? keptTheme() : "auto";
  const show = () => {
    document.documentElement.dataset.theme = theme === "auto" ? (system.matches ? "dark" : "light") : theme;
    button.textContent = THEMES[theme];
    recolor();
  };
  button.addEventListener("click", () => {
    const names = Object.keys(THEMES);
    theme = names[(names.indexOf(theme) + 1) % names.length];
    keepTheme(theme);
    show();
  });
  system.addEventListener("change", show);
  show();
}

function start() {
  const reports = JSON.parse(document.getElementById("data").textContent);
  startTheme();
  const label = document.getElementById("sessions"), choice = label.querySelector("select");
  reports.forEach((report, at) => choice.append(node("option", {value: at}, report.file)));
  label.hidden = reports.length < 2;
  choice.addEventListener("change", () => drawReport(reports[Number(choice.value)]));
  drawReport(reports[0]);
  addEventListener("beforeprint", () => { for (const one of document.querySelectorAll("details")) one.open = true; });
}

start();
