// SPDX-License-Identifier: Apache-2.0
// Processes as a tree, with the place of each start in the time of the recording.

function drawProcessTree(block, report) {
  if (block.nodes.length === 0) return null;
  const times = block.nodes.filter((one) => one.time).map((one) => millis(one.time));
  const from = Math.min(...times, millis(report.started)), to = Math.max(...times, report.ended ? millis(report.ended) : 0);
  const folded = new Set();
  const nextOutside = (at) => {
    let end = at + 1;
    while (end < block.nodes.length && block.nodes[end].depth > block.nodes[at].depth) ++end;
    return end;
  };

  const rows = block.nodes.map((one, at) => {
    const parent = nextOutside(at) > at + 1;
    const what = node("td", {});
    what.style.paddingLeft = `${one.depth * 1.1}rem`;
    if (parent) {
      const toggle = node("button", {type: "button", class: "fold", "aria-expanded": "true",
        "aria-label": `children of ${one.name} (${one.pid})`, onclick: () => {
          if (!folded.delete(at)) folded.add(at);
          toggle.textContent = folded.has(at) ? "▸" : "▾";
          toggle.setAttribute("aria-expanded", folded.has(at) ? "false" : "true");
          draw();
        }}, "▾");
      what.append(toggle);
    } else {
      what.append(node("span", {class: "leaf"}));
    }
    what.append(node("b", {}, one.name));
    const rest = one.arguments.startsWith(one.name) ? one.arguments.slice(one.name.length) : ` ${one.arguments}`;
    what.append(node("span", {class: "args mono"}, rest));
    if (one.repeated > 1) what.append(node("span", {class: "times"}, `×${one.repeated}`));
    what.title = [one.arguments, one.file, one.workload].filter(Boolean).join("\n");
    const when = node("td", {class: "when"});
    if (one.time) {
      const tick = node("span", {class: "tick"});
      tick.style.left = `${((millis(one.time) - from) / Math.max(to - from, 1)) * 94}%`;
      when.append(tick);
    }
    return node("tr", {}, what, node("td", {class: "number", title: one.time}, clockText(one.time)),
      node("td", {class: "number"}, String(one.pid)), when);
  });
  const draw = () => {
    for (let at = 0, hiddenUntil = 0; at < rows.length; ++at) {
      rows[at].hidden = at < hiddenUntil;
      if (at >= hiddenUntil && folded.has(at)) hiddenUntil = nextOutside(at);
    }
  };
  const heading = (name, kind) => node("th", {scope: "col", class: kind}, name);
  return node("div", {class: "block"},
    node("div", {class: "head"}, node("h3", {}, block.title),
      node("span", {class: "hint"}, `${clockText(new Date(from).toISOString())} to ${clockText(new Date(to).toISOString())}`)),
    node("div", {class: "scroll tall", tabindex: "0", role: "region", "aria-label": block.title},
      node("table", {class: "process-tree"},
        node("thead", {}, node("tr", {}, heading("Program", ""), heading("Started", "time number"), heading("Pid", "pid number"),
          heading("When", "when"))),
        node("tbody", {}, ...rows))),
    block.left_out > 0 && node("p", {class: "hint"}, `${plain.format(block.left_out)} more are not in this page`));
}
