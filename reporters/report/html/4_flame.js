// SPDX-License-Identifier: Apache-2.0
// The flame graph: the root on top, a row a frame. A click or Enter zooms in, Escape out; arrows go to
// the parent, the first child and the brothers. It is a tree to a screen reader.

const FRAME_HEIGHT = 19;
const LEAST_PIXELS = 1.5;  // narrower frames are not drawn: zooming shows them
const KINDS = {r: "everything", w: "workload", p: "process", u: "user", k: "kernel"};

function readFlame(block) {
  const nodes = block.nodes.map(([name, kind, parent, self, total], id) =>
    ({id, name: block.names[name], kind, parent, self, total, children: []}));
  nodes.slice(1).forEach((one) => nodes[one.parent].children.push(one));
  for (const one of nodes) one.children.sort((a, b) => b.total - a.total || compare(a.name, b.name));
  const place = (one, start, depth) => {
    one.start = start;
    one.depth = depth;
    for (const child of one.children) {
      place(child, start, depth + 1);
      start += child.total;
    }
  };
  place(nodes[0], 0, 0);
  return nodes;
}

// The same name has the same colour everywhere.
function hueOf(frame) {
  let hash = 0;
  for (const character of frame.name) hash = (hash * 31 + character.codePointAt(0)) >>> 0;
  return {hue: frame.kind === "k" ? 196 + (hash % 36) : 16 + (hash % 34), lighter: (hash >> 8) % 9 - 4};
}

class Flame {
  constructor(block) {
    this.block = block;
    this.nodes = readFlame(block);
    this.root = this.nodes[0];
    this.zoomed = this.root;
    this.focused = this.root;
    this.found = null;
    this.picture = node("div", {class: "flame", role: "tree", "aria-label": `${block.title}, a flame graph`,
      onkeydown: (event) => this.onKey(event), onclick: (event) => this.onClick(event),
      onmouseover: (event) => this.say(this.frameOf(event.target)), onfocusin: (event) => this.say(this.frameOf(event.target))});
    this.line = node("p", {class: "flame-line mono"});
    this.result = node("span", {class: "hint", "aria-live": "polite"});
    this.reset = node("button", {type: "button", onclick: () => this.zoom(this.root, true)}, "Reset zoom");
    new ResizeObserver(() => this.draw()).observe(this.picture);
  }

  element() {
    const search = node("input", {type: "search", placeholder: "Search frames", "aria-label": "Search frames",
      oninput: (event) => this.search(event.target.value)});
    const swatch = (name, text) => node("span", {class: `swatch-${name}`}, text);
    return node("figure", {class: "block"},
      node("figcaption", {class: "head"}, node("h3", {}, this.block.title),
        node("div", {class: "tools"}, this.result, search, this.reset)),
      this.picture, this.line,
      node("div", {class: "legend"}, swatch("user", "user"), swatch("kernel", "kernel"), swatch("base", "process, workload"),
        node("i", {class: "hint"}, "Enter or a click zooms, Escape goes back, arrows move")));
  }

  frameOf(target) {
    const item = target.closest("[role=treeitem]");
    return item ? this.nodes[Number(item.dataset.id)] : null;
  }

  words(frame) {
    const time = this.block.frequency > 0 ? `, ${durationText((frame.total / this.block.frequency) * 1e9)}` : "";
    const share = `${((frame.total / this.root.total) * 100).toFixed(1)} %`;
    const self = frame.self > 0 ? `, ${plain.format(frame.self)} of them its own` : "";
    return `${frame.name} (${KINDS[frame.kind]}): ${share}${time}, ${plain.format(frame.total)} samples${self}`;
  }

  say(frame) {
    if (frame) this.line.textContent = this.words(frame);
  }

  isAbove(frame, other) {
    for (let one = other; ; one = this.nodes[one.parent]) {
      if (one === frame) return true;
      if (one === this.root) return false;
    }
  }

  // What is drawn: the zoomed frame, what is above and below it, as far as it is wide enough.
  visible() {
    const width = this.picture.clientWidth || 900, shown = [];
    for (let one = this.zoomed; one !== this.root;) {
      one = this.nodes[one.parent];
      shown.unshift({frame: one, left: 0, width: 1, above: true});
    }
    const walk = (frame) => {
      const left = (frame.start - this.zoomed.start) / this.zoomed.total, share = frame.total / this.zoomed.total;
      if (share * width < LEAST_PIXELS) return;
      shown.push({frame, left, width: share, above: false});
      frame.children.forEach(walk);
    };
    walk(this.zoomed);
    return shown;
  }

  draw() {
    const width = this.picture.clientWidth;
    if (width === 0 || width === this.drawnWidth && this.drawn === this.zoomed) return;
    this.drawnWidth = width;
    this.drawn = this.zoomed;
    const shown = this.visible();
    if (!shown.some((one) => one.frame === this.focused)) this.focused = this.zoomed;
    this.picture.style.height = `${(Math.max(...shown.map((one) => one.frame.depth)) + 1) * FRAME_HEIGHT}px`;
    this.picture.replaceChildren(...shown.map((one) => this.item(one)));
    this.reset.disabled = this.zoomed === this.root;
    this.mark();
  }

  item({frame, left, width, above}) {
    const item = node("div", {role: "treeitem", "data-id": frame.id, class: `${frame.kind}${above ? " above" : ""}`,
      tabindex: frame === this.focused ? "0" : "-1", "aria-level": frame.depth + 1, "aria-label": this.words(frame),
      "aria-expanded": frame.children.length > 0 ? "true" : undefined, title: this.words(frame)},
      width * this.picture.clientWidth > 34 ? frame.name : "");
    const {hue, lighter} = hueOf(frame);
    item.style.left = `${left * 100}%`;
    item.style.width = `${width * 100}%`;
    item.style.top = `${frame.depth * FRAME_HEIGHT}px`;
    item.style.setProperty("--h", hue);
    item.style.setProperty("--d", `${lighter * 0.7}%`);
    return item;
  }

  zoom(frame, andFocus) {
    this.zoomed = frame;
    this.focused = frame;
    this.draw();
    this.say(frame);
    if (andFocus) this.focus(frame);
  }

  focus(frame) {
    this.focused = frame;
    const item = this.picture.querySelector(`[data-id="${frame.id}"]`);
    if (!item) return;
    for (const other of this.picture.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
    item.tabIndex = 0;
    item.focus({preventScroll: false});
  }

  onClick(event) {
    const frame = this.frameOf(event.target);
    if (frame) this.zoom(frame, true);
  }

  onKey(event) {
    const frame = this.frameOf(event.target);
    if (!frame) return;
    const drawn = (one) => one && this.picture.querySelector(`[data-id="${one.id}"]`) ? one : null;
    const brothers = frame === this.root ? [frame] : this.nodes[frame.parent].children;
    const at = brothers.indexOf(frame);
    const next = {
      ArrowUp: () => this.nodes[frame.parent], ArrowDown: () => frame.children.find(drawn),
      ArrowLeft: () => brothers[at - 1], ArrowRight: () => brothers[at + 1], Home: () => this.root,
    }[event.key];
    if (next) this.focus(drawn(next()) || frame);
    else if (event.key === "Enter" || event.key === " ") this.zoom(frame, true);
    else if (event.key === "Escape") this.zoom(this.root, true);
    else return;
    event.preventDefault();
  }

  search(text) {
    const wanted = text.toLowerCase();
    this.found = wanted === "" ? null : new Set(this.nodes.filter((one) => one !== this.root && one.name.toLowerCase().includes(wanted)));
    let samples = 0;
    // A frame below one that was found is counted with it.
    const walk = (frame) => {
      if (this.found.has(frame)) samples += frame.total;
      else frame.children.forEach(walk);
    };
    if (this.found) walk(this.root);
    this.result.textContent = !this.found ? "" :
      `${plain.format(this.found.size)} frames, ${((samples / this.root.total) * 100).toFixed(1)} % of the samples`;
    this.mark();
  }

  mark() {
    this.picture.classList.toggle("searching", Boolean(this.found));
    for (const item of this.picture.children) {
      item.classList.toggle("found", Boolean(this.found && this.found.has(this.nodes[Number(item.dataset.id)])));
    }
  }
}

function drawFlame(block) {
  return block.nodes.length > 1 ? new Flame(block).element() : null;
}
