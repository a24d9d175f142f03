// Lists of which many are ticked: select all, and what is ticked while a search changes what is shown.

/** What is ticked in the window, by field: a search that was under way when somebody ticked must not untick it. */
const ticked = new Map();

function rowsOf(list) {
  // A list with nothing that ticks all of it names its field itself.
  const name = list.dataset.rows ?? list.querySelector("[data-select-all]")?.dataset.selectAll ??
    "";
  const inputs = [...list.querySelectorAll(`input[name="${name}"]`)];
  const boxes = inputs.filter((input) => input.type === "checkbox" && !input.disabled);
  return { name, boxes, hidden: inputs.filter((input) => input.type === "hidden") };
}

function markAll(list, boxes) {
  const all = list.querySelector("[data-select-all]");
  if (!all) return;
  const count = boxes.filter((box) => box.checked).length;
  all.checked = count > 0 && count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
}

/** Before htmx sends the form, so that what it sends is what is ticked. */
document.addEventListener("change", (event) => {
  const box = event.target instanceof HTMLInputElement ? event.target : null;
  const list = box?.closest(".choice-list, .choice-table");
  if (!list) return;
  const { name, boxes, hidden } = rowsOf(list);
  if (box.dataset.selectAll) boxes.forEach((row) => row.checked = box.checked);
  // What is ticked in a table is meant for the rows that it shows: another search begins anew.
  if (list.matches(".choice-table")) return markAll(list, boxes);
  const chosen = ticked.get(name) ?? new Set(hidden.map((input) => input.value));
  boxes.forEach((row) => row.checked ? chosen.add(row.value) : chosen.delete(row.value));
  ticked.set(name, chosen);
  markAll(list, boxes);
}, true);

/** Select all of a list that is a table: its rows have a name of their own. */
document.addEventListener("change", (event) => {
  const all = event.target instanceof Element ? event.target.closest("[data-all-of]") : null;
  all?.closest("form").querySelectorAll(`input[type="checkbox"][name="${all.dataset.allOf}"]`)
    .forEach((box) => box.checked = all.checked);
});

function keepTicked() {
  document.querySelectorAll(".choice-list").forEach((list) => {
    const { name, boxes, hidden } = rowsOf(list);
    const chosen = ticked.get(name);
    if (!chosen) return;
    const differs = boxes.filter((box) => box.checked !== chosen.has(box.value));
    differs.forEach((box) => box.checked = !box.checked);
    hidden.filter((input) => !chosen.has(input.value)).forEach((input) => input.remove());
    const there = new Set([...boxes, ...hidden].map((input) => input.value));
    const lost = [...chosen].filter((value) => !there.has(value));
    lost.forEach((value) => {
      list.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    });
    markAll(list, boxes);
    if (differs.length + lost.length > 0) {
      boxes[0]?.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}

document.addEventListener("htmx:after:swap", keepTicked);
document.getElementById("dialog")?.addEventListener("close", () => ticked.clear());
