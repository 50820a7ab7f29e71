// SPDX-License-Identifier: Apache-2.0
// What all drawing shares. Recorded strings only ever become text: no function here takes markup.

const SVG = "http://www.w3.org/2000/svg";

// node("td", {class: "number"}, "12", otherNode): attributes, then texts and nodes.
function node(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(key, value);
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

const plain = new Intl.NumberFormat("en-US");

function bytesText(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; bytes >= 1024 && unit + 1 < units.length; ++unit) bytes /= 1024;
  return unit === 0 ? `${bytes} B` : `${bytes.toFixed(1)} ${units[unit]}`;
}

function durationText(ns) {
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(1)} µs`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(1)} ms`;
  if (ns < 60e9) return `${(ns / 1e9).toFixed(1)} s`;
  const seconds = Math.floor(ns / 1e9), pad = (number) => String(number).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${pad(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h${pad(Math.floor(seconds / 60) % 60)}m`;
}

const clockText = (iso) => (iso ? iso.slice(11, 23) : "");
const millis = (iso) => Date.parse(iso.slice(0, 23) + "Z");

function valueText(unit, value, atMost) {
  if (value === null || value === undefined) return "";
  const bound = atMost ? "≤ " : "";
  switch (unit) {
    case "count": return plain.format(value);
    case "bytes": return value === 0 ? "0" : bytesText(value);
    case "ns": return bound + durationText(value);
    case "time": return clockText(value);
    case "share": return `${(value * 100).toFixed(1)} %`;
    default: return String(value);
  }
}

const TITLES = {cpu: "CPU", pid: "PID", fs: "File system", tcpflags: "TCP flags", p50: "p50", p90: "p90", p99: "p99"};

// "its_start" → "Its start"
function title(key) {
  const words = key.replaceAll("_", " ");
  return TITLES[key] || words.charAt(0).toUpperCase() + words.slice(1);
}

// A log2 slot of microseconds: "16 µs", "16 – 32 µs".
function slotText(slot) {
  return slot === 0 ? "0" : durationText(2 ** slot * 1000).replace(".0 ", " ");
}

function slotRange(slot) {
  const [from, unit] = slotText(slot).split(" "), to = slotText(slot + 1);
  return unit && !to.endsWith(` ${unit}`) ? `${from} ${unit} – ${to}` : `${from} – ${to}`;
}

function announce(text) {
  let place = document.getElementById("announcer");
  if (!place) {
    place = node("div", {id: "announcer", class: "visually-hidden", role: "status"});
    document.body.append(place);
  }
  place.textContent = text;
}
