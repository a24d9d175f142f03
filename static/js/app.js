// The page: the window, toasts, polls that rest. Everything works without it.

document.documentElement.classList.add("scripted");

/** Looked up each time: going back puts other elements in their places. */
const dialogOf = () => document.getElementById("dialog");
const toastsOf = () => document.getElementById("toasts");

/** Where the opener of the window leads: it may be drawn anew meanwhile. */
let opener = null;
let changed = false;

function openDialog() {
  const dialog = dialogOf();
  if (!dialog || dialog.matches(":modal")) return;
  // Not close(): that would empty it.
  dialog.removeAttribute("open");
  dialog.showModal();
  // Outside an open window all is inert.
  dialog.append(toastsOf());
  changed = false;
  dialog.querySelector("[autofocus]")?.focus();
}

function closeDialog() {
  changed = false;
  dialogOf()?.close();
}

/** Asks once before something typed is lost. */
function mayLeave() {
  const asks = changed && dialogOf()?.open;
  return !asks || confirm("Close this window? What you typed in it is lost.");
}

// Reloading, another address, or a session that has ended: the browser asks.
addEventListener("beforeunload", (event) => {
  if (changed && dialogOf()?.open) event.preventDefault();
});

// Back and Forward within the page, which htmx answers.
globalThis.navigation?.addEventListener("navigate", (event) => {
  if (event.navigationType !== "traverse" || !event.destination.sameDocument) return;
  if (event.cancelable && !mayLeave()) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else changed = false;
});

// Neither bubbles.
document.addEventListener("close", ({ target: dialog }) => {
  if (dialog.id !== "dialog") return;
  dialog.after(toastsOf());
  document.getElementById("dialog-body").replaceChildren();
  if (dialog.dataset.home) history.replaceState(null, "", dialog.dataset.home);
  delete dialog.dataset.home;
  const again = opener && document.querySelector(`a[href="${CSS.escape(opener)}"]`);
  (again ?? document.querySelector("main h1"))?.focus();
  opener = null;
}, true);

document.addEventListener("cancel", (event) => {
  if (event.target.id === "dialog" && !mayLeave()) event.preventDefault();
}, true);

document.addEventListener("input", ({ target }) => {
  const dialog = target.closest("#dialog");
  if (dialog) changed = dialog.querySelector("[data-asks-before-leaving]") !== null;
});

// It was done: what had gone wrong before is no longer so.
document.addEventListener("dialog:close", () => {
  toastsOf()?.querySelectorAll(".red").forEach((toast) => toast.remove());
  closeDialog();
});

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
  // A place that the answer itself has named is a selector still; a page that came back may have a window open.
  const { target } = event.detail.ctx;
  const body = document.getElementById("dialog-body");
  const filled = (target === body || target === "#dialog-body") && body.childElementCount > 0;
  if (filled || dialogOf()?.open) openDialog();
  goToFirst();
  startToasts();
});

document.addEventListener("htmx:error", ({ detail }) => {
  const { request, sourceElement } = detail.ctx ?? {};
  // What asks by itself has nothing to add to what somebody else's question was told.
  if (sourceElement?.dataset.poll !== undefined && document.querySelector(".toast.red")) return;
  // What was to be changed may have arrived, and only the answer not.
  say(
    request?.method === "POST"
      ? "No answer came, so it is not known whether this was done. Look before you do it again."
      : "The application cannot be reached just now. Nothing was changed; try again in a moment.",
  );
});

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const close = target?.closest("[data-close]");
  if (close && dialogOf()?.matches(":modal")) {
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

/** Enter in the picker's search leads to the first learner found, once these are the ones of what was typed. */
let picks = false;

document.addEventListener("keydown", (event) => {
  picks = event.key === "Enter" && event.target.matches("[data-picks]");
  if (!picks) return;
  event.preventDefault();
  goToFirst();
});

function goToFirst() {
  const search = document.querySelector("[data-picks]");
  const searched = document.querySelector("#learner-options [name=searched]");
  if (!picks || search?.value !== searched?.value) return;
  picks = false;
  document.querySelector("#learner-options button")?.focus();
}

function say(sentence) {
  const toast = document.createElement("div");
  toast.className = "toast red";
  toast.setAttribute("role", "alert");
  toast.textContent = sentence;
  toastsOf()?.replaceChildren(toast);
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

/** The sheets: a button where there is a printer to be told. */
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

if (dialogOf()?.open) openDialog();
startToasts();
