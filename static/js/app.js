// The page's own behaviour: the window, toasts, showing passwords, and polls that rest. Everything works without it.

const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");
const toasts = document.getElementById("toasts");
document.documentElement.classList.add("scripted");

/** The address that the opener of the window leads to: the opener itself may have been drawn anew meanwhile. */
let opener = null;
let changed = false;

function openDialog() {
  if (!dialog || dialog.matches(":modal")) return;
  // Not close(): that would tell everybody the window was closed, and empty it.
  dialog.removeAttribute("open");
  dialog.showModal();
  // Whatever is outside an open window is inert: the toasts come with it.
  if (toasts) dialog.append(toasts);
  changed = false;
  document.body.querySelector("#dialog [autofocus]")?.focus();
}

function closeDialog() {
  if (!dialog?.open) return;
  changed = false;
  dialog.close();
}

/** Asks once before something typed is lost. */
function mayLeave() {
  return !changed || confirm("Close this window? What you typed in it is lost.");
}

if (dialog) {
  dialog.addEventListener("close", () => {
    if (toasts) dialog.after(toasts);
    body.replaceChildren();
    ticked.clear();
    if (dialog.dataset.home) history.replaceState(null, "", dialog.dataset.home);
    delete dialog.dataset.home;
    const again = opener && document.querySelector(`a[href="${CSS.escape(opener)}"]`);
    (again ?? document.querySelector("main h1"))?.focus();
    opener = null;
  });
  dialog.addEventListener("cancel", (event) => {
    if (!mayLeave()) event.preventDefault();
  });
  dialog.addEventListener("input", () => {
    changed = dialog.querySelector("[data-asks-before-leaving]") !== null;
  });
  if (dialog.open) openDialog();
}

document.addEventListener("dialog:close", closeDialog);

document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement } = event.detail.ctx;
  if (document.hidden && sourceElement.dataset.poll !== undefined) event.preventDefault();
  // A link in the window puts another in its place, and with it goes what was typed.
  if (sourceElement.matches("#dialog a[href]")) {
    if (mayLeave()) changed = false;
    else event.preventDefault();
  }
  if (sourceElement.matches("a[href]")) opener = sourceElement.getAttribute("href");
});

document.addEventListener("htmx:after:swap", (event) => {
  // A place that the answer itself has named is a selector still.
  const { target } = event.detail.ctx;
  if ((target === body || target === "#dialog-body") && body.childElementCount > 0) openDialog();
  showReveals();
  keepTicked();
  startToasts();
  noteTasks();
});

document.addEventListener("htmx:error", () => {
  say("The application cannot be reached just now. Nothing was changed; try again in a moment.");
});

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const close = target?.closest("[data-close]");
  if (close && dialog?.matches(":modal")) {
    event.preventDefault();
    if (mayLeave()) closeDialog();
  }
  target?.closest("[data-dismiss]")?.closest(".toast")?.remove();
  if (target?.closest("#learners button")) changed = true;
  const reveal = target?.closest("[data-reveal]");
  if (reveal) toggleReveal(reveal);
  const summary = target?.closest("details[data-stays-open] > summary");
  if (summary) event.preventDefault();
  const link = target?.closest(".summary a[href^='#']");
  if (link) {
    event.preventDefault();
    document.querySelector(link.getAttribute("href"))?.focus();
  }
});

/** What is ticked in the window, by field: a search that was under way when somebody ticked must not untick it. */
const ticked = new Map();

function rowsOf(list) {
  // A list with nothing that ticks all of it names its field itself.
  const name = list.dataset.rows ?? list.querySelector("[data-select-all]").dataset.selectAll;
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

/** An email fills an empty username, for as long as nobody types another. */
document.addEventListener("input", (event) => {
  if (
    !(event.target instanceof HTMLInputElement) || !event.target.matches("#logon-form #field-email")
  ) return;
  const username = document.getElementById("field-username");
  if (username.value !== "" && username.value !== username.dataset.filled) return;
  username.value = username.dataset.filled = event.target.value.trim();
});

document.addEventListener("keydown", (event) => {
  const picks = event.target instanceof Element && event.target.matches("[data-picks]");
  if (!picks || event.key !== "Enter") return;
  event.preventDefault();
  document.querySelector("#learner-options button")?.focus();
});

function toggleReveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const shows = input.type === "password";
  input.type = shows ? "text" : "password";
  button.textContent = shows ? "Hide" : "Show";
}

function showReveals() {
  document.querySelectorAll("[data-reveal][hidden]").forEach((button) => button.hidden = false);
}

function say(sentence) {
  const toast = document.createElement("div");
  toast.className = "toast red";
  toast.setAttribute("role", "alert");
  toast.textContent = sentence;
  document.getElementById("toasts")?.replaceChildren(toast);
}

/** A toast goes after eight seconds, unless it waits for an answer, or somebody is at it. */
function startToasts() {
  document.querySelectorAll(".toast:not([data-stays], [data-timed], .red)").forEach((toast) => {
    toast.dataset.timed = "";
    let timer = setTimeout(() => toast.remove(), 8000);
    const stop = () => clearTimeout(timer);
    const start = () => timer = setTimeout(() => toast.remove(), 8000);
    toast.addEventListener("pointerenter", stop);
    toast.addEventListener("focusin", stop);
    toast.addEventListener("pointerleave", start);
  });
}

/** Says in the title how much is under way, and has the list drawn anew when something has ended. */
let unfinished = null;
let waiting = null;
function noteTasks() {
  const region = document.getElementById("task-alerts");
  if (!region) return;
  const now = Number(region.dataset.unfinished);
  const review = Number(region.dataset.waiting);
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = now > 0 ? `(${now}) ${title}` : title;
  if (unfinished !== null && (now !== unfinished || review !== waiting)) {
    announce(
      review > waiting
        ? "A task waits for your review. See Task Alerts."
        : now < unfinished
        ? "A task has ended. See Task Alerts."
        : now > unfinished
        ? "A task has started. See Task Alerts."
        : "",
    );
    if (now < unfinished) document.body.dispatchEvent(new CustomEvent("logons:changed"));
  }
  unfinished = now;
  waiting = review;
}

function announce(sentence) {
  document.getElementById("announcements").textContent = sentence;
}

/** The sheets: a button where there is a printer to be told. */
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

showReveals();
startToasts();
noteTasks();
