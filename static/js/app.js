// The page: the window, toasts, polls that rest. Everything works without it.

const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");
const toasts = document.getElementById("toasts");
document.documentElement.classList.add("scripted");

/** Where the opener of the window leads: it may be drawn anew meanwhile. */
let opener = null;
let changed = false;

function openDialog() {
  if (!dialog || dialog.matches(":modal")) return;
  // Not close(): that would empty it.
  dialog.removeAttribute("open");
  dialog.showModal();
  // Outside an open window all is inert.
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

// Back, reloading, or a session that has ended: the browser asks.
addEventListener("beforeunload", (event) => {
  if (changed && dialog?.open) event.preventDefault();
});

if (dialog) {
  dialog.addEventListener("close", () => {
    if (toasts) dialog.after(toasts);
    body.replaceChildren();
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
  // Another window in its place: with it goes what was typed.
  if (sourceElement.matches("#dialog a[href]")) {
    if (mayLeave()) changed = false;
    else event.preventDefault();
  }
  if (sourceElement.matches("a[href]") && !sourceElement.closest("#dialog")) {
    opener = sourceElement.getAttribute("href");
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  // A place that the answer itself has named is a selector still.
  const { target } = event.detail.ctx;
  if ((target === body || target === "#dialog-body") && body.childElementCount > 0) openDialog();
  startToasts();
  noteTasks();
});

document.addEventListener("htmx:error", ({ detail }) => {
  // What was to be changed may have arrived, and only the answer not.
  say(
    detail.ctx?.request?.method === "POST"
      ? "No answer came, so it is not known whether this was done. Look before you do it again."
      : "The application cannot be reached just now. Nothing was changed; try again in a moment.",
  );
});

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const close = target?.closest("[data-close]");
  if (close && dialog?.matches(":modal")) {
    event.preventDefault();
    if (mayLeave()) closeDialog();
  }
  const opens = target?.closest("a[data-opens]");
  // With a key held down, it opens where the browser opens links then.
  const plain = event.button === 0 &&
    !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (opens && plain && globalThis.htmx) {
    event.preventDefault();
    const into = { source: opens, target: "#dialog-body", swap: "innerHTML" };
    htmx.ajax("GET", opens.getAttribute("href"), into);
  }
  target?.closest("[data-dismiss]")?.closest(".toast")?.remove();
  if (target?.closest("#learners button")) changed = true;
  const summary = target?.closest("details[data-stays-open] > summary");
  if (summary) event.preventDefault();
  const link = target?.closest(".summary a[href^='#']");
  if (link) {
    event.preventDefault();
    document.querySelector(link.getAttribute("href"))?.focus();
  }
});

document.addEventListener("keydown", (event) => {
  const picks = event.target instanceof Element && event.target.matches("[data-picks]");
  if (!picks || event.key !== "Enter") return;
  event.preventDefault();
  document.querySelector("#learner-options button")?.focus();
});

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

/** What has become of a task, said when it has become so; of steps on the way nothing. */
const OUTCOMES = new Map([
  ["needs review", "waits for your review"],
  ["paused", "is paused"],
  ["done", "is done"],
  ["failed", "failed"],
  ["cancelled", "was cancelled"],
]);

const ENDS = new Set(["done", "failed", "cancelled"]);

/** Says in the title how much is under way, and aloud what has started or ended, since the page before too; the list is drawn anew at an end. */
function noteTasks() {
  const region = document.getElementById("task-alerts");
  if (!region) return sessionStorage.removeItem("tasks");
  const unfinished = Number(region.dataset.unfinished);
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = unfinished > 0 ? `(${unfinished}) ${title}` : title;
  const alerts = [...region.querySelectorAll("[data-task]")];
  const known = JSON.parse(sessionStorage.getItem("tasks"));
  const now = alerts.map(({ dataset }) => [dataset.task, dataset.state]);
  sessionStorage.setItem("tasks", JSON.stringify(now));
  if (known === null) return;
  const before = new Map(known);
  // An older one that was not there has only taken the place of one that was dismissed.
  const newest = Math.max(0, ...before.keys());
  const changed = alerts.filter(({ dataset: { task, state } }) =>
    before.get(task) !== state && (before.has(task) || task > newest)
  );
  const said = changed.flatMap((alert) => {
    const { task, state } = alert.dataset;
    const outcome = OUTCOMES.get(state) ?? (before.has(task) ? null : "has started");
    return outcome ? [`${alert.querySelector("h3").textContent.trim()} ${outcome}.`] : [];
  });
  if (said.length > 0) announce(`${said.join(" ")} See Task Alerts.`);
  if (changed.some(({ dataset }) => ENDS.has(dataset.state))) {
    document.body.dispatchEvent(new CustomEvent("logons:changed"));
  }
}

/** A moment later: what stands in a new page from the first is not said. */
function announce(sentence) {
  setTimeout(() => document.getElementById("announcements").textContent = sentence, 100);
}

/** The sheets: a button where there is a printer to be told. */
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

startToasts();
noteTasks();
