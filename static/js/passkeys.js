// Adds a passkey and signs in with one: asks the server what to ask, asks the device, and sends its answer as a form.

const { browserSupportsWebAuthn, startAuthentication, startRegistration } =
  globalThis.SimpleWebAuthnBrowser;

const SENTENCES = {
  NotAllowedError: "Nothing was done: it was closed, or it took too long. Try again.",
  InvalidStateError: "This device has a passkey for you here already.",
  SecurityError: "Passkeys do not work at this address. Open the page at the school’s own address.",
};
const AWAY = "The application cannot be reached just now. Try again in a moment.";
const UNABLE = "This device could not do it. Try another, or go on without a passkey.";

/** Passkeys belong to a name, never to a number such as 192.0.2.1. */
const able = browserSupportsWebAuthn() && !/^[\d.]+$|^\[/.test(location.hostname);
if (able) {
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  });
  document.querySelectorAll("[data-passkey-unable]").forEach((text) => text.hidden = true);
}

async function ask(form) {
  const button = form.querySelector("button[type=submit]");
  if (button.disabled) return;
  button.disabled = true;
  say(form, "");
  try {
    const response = await fetch(form.dataset.options, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
    }).catch(() => null);
    const answer = await response?.json().catch(() => null);
    if (!answer?.options) return say(form, answer?.problem ?? AWAY);
    const optionsJSON = answer.options;
    const made = form.dataset.passkey === "add"
      ? await startRegistration({ optionsJSON })
      : await startAuthentication({ optionsJSON });
    form.elements.passkey.value = JSON.stringify(made);
    form.submit();
  } catch (error) {
    say(form, SENTENCES[error.name] ?? SENTENCES[error.cause?.name] ?? UNABLE);
  } finally {
    button.disabled = false;
  }
}

function say(form, sentence) {
  const place = form.querySelector("[data-says]");
  place.textContent = sentence;
  place.hidden = sentence === "";
}
