// Fields: showing a password, and an email that is the username as well.

/** An email fills an empty username, for as long as nobody types another. */
document.addEventListener("input", (event) => {
  if (
    !(event.target instanceof HTMLInputElement) || !event.target.matches("#logon-form #field-email")
  ) return;
  const username = document.getElementById("field-username");
  if (username.value !== "" && username.value !== username.dataset.filled) return;
  username.value = username.dataset.filled = event.target.value.trim();
});

document.addEventListener("click", (event) => {
  const reveal = event.target instanceof Element ? event.target.closest("[data-reveal]") : null;
  if (reveal) toggleReveal(reveal);
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

document.addEventListener("htmx:after:swap", showReveals);
showReveals();
