// Task Alerts: what is under way stands in the title, and what has started or ended is said aloud.

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

document.addEventListener("htmx:after:swap", noteTasks);
noteTasks();
