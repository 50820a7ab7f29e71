// SPDX-License-Identifier: Apache-2.0
// Tables that sort by a click on a heading and show the rows that have a text.

const SHOWN_WITHOUT_FILTER = 8;
const LONG = 36;  // a text that may be broken anywhere

function compare(a, b) {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return typeof a === "number" ? a - b : String(a).localeCompare(String(b), "en", {numeric: true});
}

function tableCell(column, value, most) {
  const text = valueText(column.unit, value, column.at_most);
  if (column.unit === "text") return node("td", {class: text.length > LONG ? "long" : ""}, text);
  const cell = node("td", {class: `number ${column.unit}`}, text);
  if (column.unit === "share" && value !== null) {
    const bar = node("span", {class: "fill", "aria-hidden": "true"});
    bar.style.width = `${(value / most) * 48}px`;
    cell.prepend(bar);
  }
  if (column.unit === "time" && value) cell.title = value;
  return cell;
}

function drawTable(block, makeLink) {
  const columns = block.columns.filter(
    (column) => block.rows.some((row) => row[column.key] !== "" && row[column.key] !== null));
  const most = Object.fromEntries(columns.filter((column) => column.unit === "share").map(
    (column) => [column.key, Math.max(...block.rows.map((row) => row[column.key] || 0), 1e-9)]));
  const state = {rows: block.rows, sorted: null, ascending: false, filter: ""};
  const body = node("tbody");
  const said = node("span", {class: "hint", "aria-live": "polite"});

  const draw = () => {
    let rows = block.rows;
    if (state.filter) {
      rows = rows.filter((row) => columns.some((column) =>
        valueText(column.unit, row[column.key]).toLowerCase().includes(state.filter)));
    }
    if (state.sorted) {
      const sign = state.ascending ? 1 : -1;
      rows = [...rows].sort((a, b) => sign * compare(a[state.sorted], b[state.sorted]));
    }
    body.replaceChildren(...rows.map((row) => node("tr", {}, ...columns.map((column) => {
      const link = makeLink && makeLink(column, row);
      return link ? node("td", {}, link) : tableCell(column, row[column.key], most[column.key]);
    }))));
    const left = block.left_out ? `, ${plain.format(block.left_out)} more are not in this page` : "";
    said.textContent = state.filter || left ? `${plain.format(rows.length)} rows${left}` : "";
  };

  const headings = columns.map((column) => {
    const sort = () => {
      state.ascending = state.sorted === column.key ? !state.ascending : column.unit === "text";
      state.sorted = column.key;
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", state.ascending ? "ascending" : "descending");
      draw();
    };
    const heading = node("th", {scope: "col", class: column.unit === "text" ? "" : "number"},
      node("button", {type: "button", onclick: sort}, title(column.key)));
    return heading;
  });

  const tools = node("div", {class: "tools"}, said);
  if (block.rows.length > SHOWN_WITHOUT_FILTER) {
    tools.append(node("input", {
      type: "search", placeholder: "Filter", "aria-label": `Filter ${block.title}`,
      oninput: (event) => { state.filter = event.target.value.toLowerCase(); draw(); },
    }));
  }
  draw();
  const head = node("div", {class: "head"}, node("h3", {}, block.title), tools);
  if (block.rows.length === 0) {
    return node("div", {class: "block"}, head, node("p", {class: "empty"}, "none"));
  }
  const tall = block.rows.length > 18 ? " tall" : "";
  return node("div", {class: columns.length < 5 ? "block narrow" : "block"}, head,
    node("div", {class: "scroll" + tall, tabindex: tall ? "0" : undefined, role: tall ? "region" : undefined,
      "aria-label": tall ? block.title : undefined},
      node("table", {}, node("caption", {class: "visually-hidden"}, block.title),
        node("thead", {}, node("tr", {}, ...headings)), body)));
}
