// Choosing what to buy: the bill follows the choice, and an exact amount is priced by the API as it is typed.

import { ask } from "./ask.js";
import { asMoney } from "./money.js";

const PAUSE_MS = 250;

const shop = document.querySelector("[data-shop]");
const button = shop.querySelector("button");
const exact = shop.querySelector("[data-exact]");
const field = shop.querySelector("#exact-coins");
const price = shop.querySelector("[data-exact-price]");
let waiting = 0;

const show = () => {
  const chosen = shop.querySelector("input[name=choice]:checked");
  for (const line of shop.querySelectorAll("[data-bill]")) line.textContent = chosen?.dataset[line.dataset.bill] ?? "—";
  button.disabled = !chosen?.dataset.total;
};

const forget = () => {
  for (const name of ["coins", "price", "tax", "total"]) delete exact.dataset[name];
  price.textContent = "";
  show();
};

const priceExact = async () => {
  const coins = field.value;
  if (!coins || !field.validity.valid) return;
  try {
    const { exact: sold } = await ask(`GET /v1/packs?coins=${encodeURIComponent(coins)}`);
    // Whoever typed on in between waits for the answer to that.
    if (coins !== field.value || !sold?.quote) return;
    exact.dataset.coins = sold.quote.coins.toLocaleString(document.documentElement.lang);
    for (const name of ["price", "tax", "total"]) exact.dataset[name] = asMoney(sold.quote[name]);
    price.textContent = exact.dataset.price;
    show();
  } catch {
    // Without a price there is nothing to buy yet; typing again asks again.
  }
};

field?.addEventListener("input", () => {
  exact.checked = true;
  forget();
  clearTimeout(waiting);
  waiting = setTimeout(priceExact, PAUSE_MS);
});
field?.addEventListener("focus", () => {
  exact.checked = true;
  show();
});
shop.addEventListener("change", (event) => {
  if (event.target !== field) show();
  if (event.target === exact && !field.value) field.focus();
});
// A browser may bring back what was typed before.
if (field?.value && !exact.dataset.total) priceExact();
show();
