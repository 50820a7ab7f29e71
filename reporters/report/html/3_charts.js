// SPDX-License-Identifier: Apache-2.0
// Histograms, heat maps and the timeline.

function percentileList(p) {
  const bound = p.at_most ? "≤ " : "";
  const item = (name, text) => node("div", {}, node("dt", {}, name), node("dd", {}, text));
  return node("dl", {class: "stats"}, item("count", plain.format(p.count)),
    item("p50", bound + durationText(p.p50_ns)), item("p90", bound + durationText(p.p90_ns)),
    item("p99", bound + durationText(p.p99_ns)), item("max", (p.max_at_most ? bound : "") + durationText(p.max_ns)));
}

function drawHistogram(block) {
  const first = block.slots.findIndex((count) => count > 0);
  if (first < 0) return null;
  const most = Math.max(...block.slots);
  const rows = block.slots.map((count, slot) => [slot, count]).slice(first).map(([slot, count]) => {
    const bar = node("span", {class: "bar", "aria-hidden": "true"});
    bar.style.width = `${(count / most) * 100}%`;
    if (count === 0) bar.style.visibility = "hidden";
    return node("tr", {}, node("th", {scope: "row"}, slotRange(slot)),
      node("td", {class: "count"}, plain.format(count)), node("td", {}, bar));
  });
  return node("figure", {class: "block"},
    node("figcaption", {}, node("h3", {}, block.title), percentileList(block.percentiles)),
    node("table", {class: "histogram"}, node("caption", {class: "visually-hidden"}, block.title),
      node("tbody", {}, ...rows)));
}

// Some times of the span, at round places.
function timeTicks(from, to, count) {
  return Array.from({length: count + 1}, (_, i) => {
    const at = new Date(from + ((to - from) * i) / count);
    const digits = (to - from) / count < 5000 ? 21 : 19;
    return {share: i / count, text: at.toISOString().slice(11, digits)};
  });
}

function heatColor(share) {
  const style = getComputedStyle(document.documentElement);
  const channels = (name) => style.getPropertyValue(name).trim().split(/\s+/).map(Number);
  const from = channels("--heat-from"), to = channels("--heat-to");
  return `rgb(${from.map((value, i) => Math.round(value + (to[i] - value) * share)).join(" ")})`;
}

function drawHeatMap(block) {
  const counts = [];
  block.slices.forEach((slots, slice) => slots.forEach((count, slot) => {
    if (count > 0) counts.push({slice, slot, count});
  }));
  if (counts.length === 0) return null;
  const most = Math.max(...counts.map((one) => one.count));
  const low = Math.min(...counts.map((one) => one.slot));
  const high = Math.max(...counts.map((one) => one.slot));
  const width = 900, left = 76, cell = {width: (width - left) / block.slices.length, height: 15};
  const height = (high - low + 1) * cell.height;
  const from = millis(block.from), to = millis(block.to);
  const peak = counts.reduce((a, b) => (b.count > a.count ? b : a));
  const picture = svg("svg", {class: "heat", viewBox: `0 0 ${width} ${height + 22}`, role: "img",
    "aria-label": `${block.title}: from ${slotText(low)} to ${durationText(2 ** (high + 1) * 1000)}; most, ` +
      `${peak.count}, took ${slotRange(peak.slot)}`});
  picture.append(svg("rect", {class: "ground", x: left, y: 0, width: width - left, height}));
  for (let slot = low; slot <= high; ++slot) {
    picture.append(svg("text", {x: left - 8, y: (high - slot + 0.75) * cell.height, "text-anchor": "end"}, slotText(slot)));
  }
  for (const one of counts) {
    const at = new Date(from + ((to - from) * one.slice) / block.slices.length).toISOString().slice(11, 23);
    // Few are to be seen as well: the scale is of the root.
    const rect = svg("rect", {class: "cell", x: left + one.slice * cell.width, y: (high - one.slot) * cell.height,
      width: Math.max(cell.width - 1, 1), height: cell.height - 1, "data-share": Math.sqrt(one.count / most)},
      svg("title", {}, `${at}: ${plain.format(one.count)} took ${slotRange(one.slot)}`));
    rect.style.fill = heatColor(Math.sqrt(one.count / most));
    picture.append(rect);
  }
  for (const tick of timeTicks(from, to, 6)) {
    picture.append(svg("text", {x: left + tick.share * (width - left), y: height + 16,
      "text-anchor": tick.share === 0 ? "start" : tick.share === 1 ? "end" : "middle"}, tick.text));
  }
  return node("figure", {class: "block"}, node("figcaption", {}, node("h3", {}, block.title)), picture);
}

function recolor() {
  for (const rect of document.querySelectorAll(".heat .cell")) {
    rect.style.fill = heatColor(Number(rect.dataset.share));
  }
}

function timelineBars(series, marks, span) {
  const most = Math.max(...series.counts, 1), height = 24, width = 1000;
  const step = width / series.counts.length;
  const picture = svg("svg", {viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `${series.name}: at most ${plain.format(most)} in one of ${series.counts.length} parts of the time`});
  for (const mark of marks) {
    const x = ((millis(mark.from) - span.from) / (span.to - span.from)) * width;
    const end = ((millis(mark.to) - span.from) / (span.to - span.from)) * width;
    picture.append(svg("rect", {class: "lost", x, y: 0, width: Math.max(end - x, 3), height}, svg("title", {}, mark.text)));
  }
  series.counts.forEach((count, slice) => {
    if (count === 0) return;
    const tall = Math.max((count / most) * height, 1);
    const at = new Date(span.from + ((span.to - span.from) * slice) / series.counts.length).toISOString();
    picture.append(svg("rect", {class: "count", x: slice * step, y: height - tall, width: Math.max(step - 1, 0.6), height: tall},
      svg("title", {}, `${at.slice(11, 23)}: ${plain.format(count)}`)));
  });
  return picture;
}

function drawTimeline(block) {
  const span = {from: millis(block.from), to: millis(block.to)};
  const sum = (counts) => counts.reduce((a, b) => a + b, 0);
  const rows = block.series.map((series) => node("div", {class: "timeline-row"},
    node("span", {class: "name mono", title: series.name}, series.name),
    node("span", {class: "sum"}, plain.format(sum(series.counts))),
    timelineBars(series, block.marks, span)));
  const axis = svg("svg", {"aria-hidden": "true"});
  for (const tick of timeTicks(span.from, span.to, 4)) {
    axis.append(svg("text", {x: `${tick.share * 100}%`, y: 13,
      "text-anchor": tick.share === 0 ? "start" : tick.share === 1 ? "end" : "middle"}, tick.text));
  }
  rows.push(node("div", {class: "timeline-row axis"}, node("span"), node("span"), axis));
  const lost = block.marks.map((mark) => node("li", {}, mark.text));
  return node("div", {class: "block timeline"},
    node("div", {class: "head"}, node("h3", {}, block.title), node("span", {class: "hint"}, "each row to its own scale; UTC")),
    ...rows, lost.length > 0 && node("ul", {class: "notes lost"}, ...lost));
}
