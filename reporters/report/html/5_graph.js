// SPDX-License-Identifier: Apache-2.0
// Who talked to whom, in layers from left to right. The same data give the same picture.

const BOX = {height: 36, gap: 18, width: 188, between: 150};

// Each node's layer: one more than that of who talks to it, where no circle closes.
function layersOf(graph) {
  const below = graph.nodes.map(() => []), layer = graph.nodes.map(() => 0), state = graph.nodes.map(() => 0);
  const callers = graph.nodes.map(() => 0);
  for (const edge of graph.edges) {
    if (edge.from !== edge.to && !below[edge.from].includes(edge.to)) {
      below[edge.from].push(edge.to);
      ++callers[edge.to];
    }
  }
  const order = [];
  const visit = (at) => {
    state[at] = 1;
    below[at] = below[at].filter((to) => state[to] !== 1);  // what leads back closes a circle
    for (const to of below[at]) if (state[to] === 0) visit(to);
    state[at] = 2;
    order.unshift(at);
  };
  const starts = graph.nodes.map((_, at) => at).sort((a, b) => callers[a] - callers[b] || a - b);
  for (const at of starts) if (state[at] === 0) visit(at);
  for (const at of order) for (const to of below[at]) layer[to] = Math.max(layer[to], layer[at] + 1);
  return {layer, below};
}

// Nodes in each layer, near those they talk to.
function rowsOf(graph) {
  const {layer, below} = layersOf(graph);
  const rows = Array.from({length: Math.max(...layer) + 1}, () => []);
  layer.forEach((at, id) => rows[at].push(id));
  const position = graph.nodes.map(() => 0);
  const place = () => rows.forEach((row) => row.forEach((id, at) => { position[id] = at - (row.length - 1) / 2; }));
  place();
  const above = graph.nodes.map(() => []);
  below.forEach((list, from) => list.forEach((to) => above[to].push(from)));
  const mean = (list, otherwise) => list.length === 0 ? otherwise : list.reduce((sum, id) => sum + position[id], 0) / list.length;
  for (let turn = 0; turn < 6; ++turn) {
    const near = turn % 2 === 0 ? above : below;
    for (const row of rows) {
      row.sort((a, b) => mean(near[a], position[a]) - mean(near[b], position[b]) || a - b);
    }
    place();
  }
  return rows;
}

function cut(text, most) {
  const characters = [...text];
  return characters.length <= most ? text : characters.slice(0, most - 1).join("") + "…";
}

function edgePath(from, to) {
  const start = [from.x + BOX.width, from.y + BOX.height / 2], end = [to.x - 7, to.y + BOX.height / 2];
  if (from === to) {
    const [x, y] = [from.x + BOX.width - 44, from.y];
    return `M ${x} ${y} C ${x - 4} ${y - 30} ${x + 34} ${y - 30} ${x + 30} ${y - 6}`;
  }
  if (end[0] > start[0]) {
    const middle = (start[0] + end[0]) / 2;
    return `M ${start} C ${middle} ${start[1]} ${middle} ${end[1]} ${end}`;
  }
  const bend = Math.max(from.y, to.y) + BOX.height + 22;  // it goes back: below
  return `M ${start} C ${start[0] + 60} ${bend} ${end[0] - 60} ${bend} ${end}`;
}

function edgeWords(graph, edge) {
  const to = edge.from === edge.to ? "itself" : graph.nodes[edge.to].name;
  const what = edge.error ? `failed: ${edge.error}` : `${bytesText(edge.sent)} sent, ${bytesText(edge.received)} received`;
  return `${graph.nodes[edge.from].name} to ${to}: ${edge.ports}, ${plain.format(edge.count)} times, ${what}`;
}

function drawGraph(graph) {
  if (graph.nodes.length === 0) return null;
  const rows = rowsOf(graph);
  const tallest = Math.max(...rows.map((row) => row.length));
  const height = tallest * (BOX.height + BOX.gap) + 64;
  const width = rows.length * BOX.width + (rows.length - 1) * BOX.between + 90;
  const places = graph.nodes.map(() => null);
  rows.forEach((row, layer) => row.forEach((id, at) => {
    const top = (height - row.length * (BOX.height + BOX.gap) + BOX.gap) / 2;
    places[id] = {x: 20 + layer * (BOX.width + BOX.between), y: top + at * (BOX.height + BOX.gap)};
  }));

  const picture = svg("svg", {viewBox: `0 0 ${width} ${height}`, width, height, role: "group",
    "aria-label": `${graph.title}: ${graph.nodes.length} ends, ${graph.edges.length} connections`});
  picture.append(svg("defs", {}, svg("marker", {id: "arrow", viewBox: "0 0 8 8", refX: 4, refY: 4,
    markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto"}, svg("path", {d: "M 0 0.5 L 8 4 L 0 7.5 z"}))));
  const most = Math.max(...graph.edges.map((edge) => edge.sent + edge.received), 2);
  const edges = graph.edges.map((edge) => {
    const weight = Math.log2(edge.sent + edge.received + 1) / Math.log2(most);
    const path = svg("path", {class: `edge${edge.error ? " failed" : ""}`, d: edgePath(places[edge.from], places[edge.to]),
      "stroke-width": 1 + 2.5 * weight, "marker-end": "url(#arrow)"}, svg("title", {}, edgeWords(graph, edge)));
    picture.append(path);
    return path;
  });

  const line = node("p", {class: "flame-line", "aria-live": "polite"});
  const boxes = graph.nodes.map((one, id) => {
    const touching = graph.edges.filter((edge) => edge.from === id || edge.to === id);
    const box = svg("g", {class: `node ${one.kind}`, transform: `translate(${places[id].x} ${places[id].y})`, tabindex: "0",
      role: "button", "aria-label": `${one.name}, ${one.kind}: ${touching.map((edge) => edgeWords(graph, edge)).join("; ")}`},
      svg("title", {}, one.name),
      svg("rect", {width: BOX.width, height: BOX.height, rx: 4}),
      svg("text", {x: 9, y: 16}, cut(one.name, 28)), svg("text", {class: "what", x: 9, y: 29}, one.kind));
    picture.append(box);
    return box;
  });

  let chosen = null;
  const choose = (id) => {
    chosen = chosen === id ? null : id;
    picture.parentElement.classList.toggle("chosen", chosen !== null);
    graph.edges.forEach((edge, at) => edges[at].classList.toggle("on", edge.from === chosen || edge.to === chosen));
    boxes.forEach((box, at) => box.classList.toggle("on", at === chosen ||
      graph.edges.some((edge) => (edge.from === chosen && edge.to === at) || (edge.to === chosen && edge.from === at))));
    line.textContent = chosen === null ? "" :
      graph.edges.filter((edge) => edge.from === id || edge.to === id).map((edge) => edgeWords(graph, edge)).join(" · ");
  };
  boxes.forEach((box, id) => {
    box.addEventListener("click", () => choose(id));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " " && event.key !== "Escape") return;
      choose(event.key === "Escape" ? chosen : id);
      event.preventDefault();
    });
  });
  const swatch = (name, text) => node("span", {class: `swatch-${name}`}, text);
  return node("figure", {class: "block"},
    node("figcaption", {class: "head"}, node("h3", {}, graph.title),
      node("span", {class: "hint"}, "a click or Enter shows what one end talked to; width: bytes")),
    node("div", {class: "graph"}, picture), line,
    node("div", {class: "legend"}, swatch("workload", "recorded"), swatch("peer", "peer"), swatch("failed", "came to nothing")));
}
