// What every page does: the purse in the head, times in the reader's own zone, and no form that is sent twice.

import { ask, wordOfPage } from "./ask.js";

// On the document, after everybody else: a form that a script takes care of isn't sent.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-busy", "true");
});

// A page that comes back by the back button may be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

/** Times as the reader's own clock shows them; those of today may leave out the day (`data-short`). */
export function showTimes() {
  const today = new Date().toDateString();
  for (const time of document.querySelectorAll("time[datetime]:not([data-shown])")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    const isShort = "short" in time.dataset && at.toDateString() === today;
    time.dataset.shown = "yes";
    time.title = time.textContent;
    time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: isShort ? undefined : "medium", timeStyle: "short" });
  }
}

showTimes();
document.addEventListener("more", showTimes);

const purse = document.querySelector("[data-purse]");

/** So many coins are in the wallet now. */
export function showPurse(coins) {
  if (!purse) return;
  purse.querySelector("[data-purse-coins]").textContent = coins.toLocaleString(document.documentElement.lang);
  purse.hidden = false;
}

if (purse && wordOfPage()) {
  ask("GET /v1/wallet").then(
    (wallet) => showPurse(wallet.coins),
    () => {},
  );
}
