// The keyboard's place: what is drawn anew would take it away, and whoever works without a mouse would begin at the top again.

const STOPS =
  "a[href], button:not([disabled]), input:not([disabled], [type=hidden]), select, textarea";

/** Where the keyboard was before a request: which part, and how many stops come before it there. */
let place = null;

document.addEventListener("htmx:before:request", () => {
  const stop = document.activeElement;
  const part = stop?.closest("#dialog, #main");
  place = part ? { part: part.id, at: [...part.querySelectorAll(STOPS)].indexOf(stop) } : null;
});

/** What stands there now, or else the first thing that wants it, or the heading. A poll of something else moves nobody. */
document.addEventListener("htmx:after:swap", (event) => {
  const { activeElement } = document;
  if (activeElement !== document.body && activeElement?.id !== "dialog") return;
  const inWindow = document.querySelector("#dialog:modal") !== null;
  const part = document.getElementById(inWindow ? "dialog" : "main");
  const { target } = event.detail.ctx;
  const drawn = typeof target === "string" ? document.querySelector(target) : target;
  if (place === null && !(inWindow && part.contains(drawn))) return;
  const stops = [...part?.querySelectorAll(STOPS) ?? []];
  // Another window in place of the one before begins at its own beginning.
  const isSame = place?.part === part?.id && place.at >= 0 && drawn?.id !== "dialog-body";
  const again = isSame
    ? stops[Math.min(place.at, stops.length - 1)]
    : part?.querySelector("[autofocus]") ?? (inWindow ? stops[0] : null);
  // A new page is seen from its top, wherever the link to it stood.
  (again ?? part?.querySelector("h1"))?.focus({ preventScroll: !inWindow });
});
