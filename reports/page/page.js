// Shows the data that stands in the page beside it: curves with a switch for each method and seed, tables that sort, and cells.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const MEAN = "mean"; // The switch beside those of the seeds.
const MARKERS = 8; // Along a curve: they tell the methods apart in grey.
const on = { methods: new Set(data.methods.map((method) => method.id)), seeds: new Set([MEAN]) };
let task = data.tasks[0], view = null, drawing = Promise.resolve();

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function switches(fieldset, options, chosen) {
  for (const [value, text] of options) {
    const box = make("input", { type: "checkbox", value, checked: chosen.has(value) });
    box.addEventListener("change", () => {
      chosen[box.checked ? "add" : "delete"](value);
      draw();
    });
    fieldset.append(make("label", {}, box, ` ${text}`));
  }
}

function addMean(plot, method, { x, y, sem }) {
  const shifted = (sign) => y.map((value, place) => value + sign * (sem[place] ?? 0)); // One run has no error.
  plot.varea({ x, y1: shifted(-1), y2: shifted(1), fill_color: method.colour, fill_alpha: 0.15 });
  plot.line({ x, y, line_color: method.colour, line_dash: method.dash, line_width: 2 });
  const step = Math.max(1, Math.floor(x.length / MARKERS));
  const marked = (values) => values.filter((_, place) => place % step === step - 1);
  plot.scatter({ x: marked(x), y: marked(y), marker: method.marker, size: 8, color: method.colour });
}

// Adds what is switched on of a method; returns it in words.
function addMethod(plot, method) {
  const curve = (data.curves[task.name] ?? {})[method.id];
  if (!curve || !on.methods.has(method.id)) return [];
  const runs = curve.runs.filter((run) => on.seeds.has(String(run.seed)));
  for (const { x, y } of runs) {
    plot.line({ x, y, line_color: method.colour, line_dash: method.dash, line_alpha: 0.6 });
  }
  const parts = runs.length ? [`seeds ${runs.map((run) => run.seed).join(", ")}`] : [];
  if (on.seeds.has(MEAN)) {
    addMean(plot, method, curve.mean);
    parts.unshift(`mean ± SEM of ${curve.mean.n}`);
  }
  return parts.length ? [`${method.sign} ${method.label} (${parts.join("; ")})`] : [];
}

async function drawNow() {
  const plot = Bokeh.Plotting.figure({
    height: 420, sizing_mode: "stretch_width", x_axis_label: task.unit,
    y_axis_label: task.unit === "Update" ? "Reward (running mean)" : "Return (running mean)",
    tools: "pan,box_zoom,wheel_zoom,reset,save",
  });
  plot.toolbar.logo = null;
  const drawn = data.methods.flatMap((method) => addMethod(plot, method));
  view?.remove();
  Bokeh.documents.splice(0); // They would pile up.
  const place = document.getElementById("plot");
  place.replaceChildren();
  view = await Bokeh.Plotting.show(plot, place);
  document.getElementById("drawn").textContent = `Shown on ${task.name}: ${drawn.join(", ") || "nothing"}.`;
}

function draw() {
  drawing = drawing.then(drawNow); // One after the other, so that no plot is left behind.
}

function compare(a, b) {
  if (a === null || b === null) return (a === null) - (b === null); // What is missing comes last.
  const number = (value) => (value === "∞" ? Infinity : value === "−∞" ? -Infinity : value);
  const [x, y] = [number(a), number(b)];
  return typeof x === "number" && typeof y === "number" ? (x > y) - (x < y) : String(x).localeCompare(String(y));
}

function showTable(table) {
  const body = make("tbody");
  const ofTask = table.columns.indexOf("task");
  let rows = table.rows.map((values, place) => ({ values, cell: table.cells[place] }));
  const fill = () => {
    const shown = rows.filter(({ values }) => ofTask < 0 || [task.name, "all"].includes(values[ofTask]));
    body.replaceChildren(...shown.map(({ values, cell }) => make("tr", {}, ...values.map((value, column) => {
      const named = table.columns[column] === "label" && data.cells[cell];
      const text = named ? make("button", { type: "button", onclick: () => openCell(cell) }, value) : String(value ?? "–");
      return make("td", { className: typeof value === "number" ? "number" : "" }, text);
    }))));
  };
  const heads = table.columns.map((name, column) => {
    const head = make("th", { scope: "col" });
    head.append(make("button", { type: "button", onclick: () => {
      const falling = head.ariaSort === "ascending";
      heads.forEach((other) => { other.ariaSort = null; });
      head.ariaSort = falling ? "descending" : "ascending";
      rows = rows.toSorted((a, b) => {
        const [x, y] = [a.values[column], b.values[column]];
        return compare(x, y) * (falling && x !== null && y !== null ? -1 : 1);
      });
      fill();
    } }, name.replaceAll("_", " ")));
    return head;
  });
  document.getElementById("tables").append(
    make("h2", {}, table.title),
    make("div", { className: "scroll", tabIndex: 0 }, make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body)),
  );
  return fill;
}

function openCell(name) {
  const cell = data.cells[name];
  const rows = (values) => make("table", {}, ...values.map((row) => make("tr", {}, ...row.map((text) => make("td", {}, text)))));
  document.getElementById("cell-title").textContent = `${cell.label} on ${name.split("/")[0]}`;
  document.getElementById("cell-contents").replaceChildren(
    ...cell.gifs.map(([caption, src]) => make("figure", {}, make("img", { src, alt: caption }), make("figcaption", {}, caption))),
    ...(cell.gifs.length ? [] : [make("p", {}, `No film: ${cell.no_film}.`)]),
    make("h3", {}, "Outcome"), rows(cell.outcome), make("h3", {}, "Settings"), rows(cell.settings), make("h3", {}, "Provenance"), rows(cell.provenance),
  );
  document.getElementById("cell").showModal();
}

const seeds = [...new Set(Object.values(data.curves).flatMap(Object.values).flatMap(({ runs }) => runs)
  .map((run) => run.seed))].sort((a, b) => a - b);
switches(document.getElementById("methods"), data.methods.map(({ id, label, sign }) => [id, `${sign} ${label}`]), on.methods);
switches(document.getElementById("seeds"), [[MEAN, "mean ± SEM"], ...seeds.map((seed) => [String(seed), seed])], on.seeds);
const fills = data.tables.map(showTable);
const choice = document.getElementById("task");
choice.append(...data.tasks.map(({ name }) => make("option", { value: name }, name)));
choice.addEventListener("change", () => {
  task = data.tasks.find(({ name }) => name === choice.value);
  fills.forEach((fill) => fill());
  draw();
});
fills.forEach((fill) => fill());
draw();
