// Payout methods and withdrawing: details are checked while they are typed, and what arrives is shown before it is asked for.

import { Refused, ask, newId } from "../ask.js";
import { asMoney } from "../money.js";
import { reasonOf, tellProblem, toast } from "../toast.js";
import "./dialogs.js";

const TYPED_MS = 300;

const withdraw = document.querySelector("[data-withdraw]");
const add = document.querySelector("[data-add]");
const verify = document.querySelector("[data-verify]");

const go = (done) => location.assign(`/studio/payouts?done=${done}`);

// A code that is wrong isn't a session that is over, though both are refused with 401.
const wordsOf = (problem, form) => {
  const words = form.querySelector("[data-wrong]").dataset;
  if (problem instanceof Refused && problem.status === 401 && words.wordsCode) {
    return problem.code === "second_factor_needed" ? problem.message : words.wordsCode;
  }
  return reasonOf(problem);
};

const complain = (form, words) => {
  const wrong = form.querySelector("[data-wrong]");
  wrong.textContent = words ?? "";
  wrong.hidden = !words;
};

// One thing at a time: a second click while the first is on its way does nothing.
const once = (form, act) =>
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[data-submit]");
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    complain(form);
    try {
      await act();
    } catch (problem) {
      complain(form, wordsOf(problem, form));
    }
    button.removeAttribute("aria-busy");
  });

// Only the newest of several questions counts: an answer that comes late is thrown away.
const afterTyping = (act) => {
  let timer = 0;
  let asked = 0;
  return () => {
    clearTimeout(timer);
    const mine = ++asked;
    timer = setTimeout(() => act(() => mine === asked), TYPED_MS);
  };
};

/* Adding a method. */

const { elements: typed } = add;
let methodId = newId();

const kind = () => typed.kind.value;

const detailsOf = () => {
  const details = { kind: kind(), holder_name: typed.holder_name.value };
  if (kind() === "sepa") return { ...details, iban: typed.iban.value };
  if (kind() === "ach") return { ...details, routing: typed.routing.value, account: typed.account.value, is_savings: typed.is_savings.checked };
  return { ...details, email: typed.email.value };
};

const isFilled = () => {
  if (kind() === "sepa") return typed.iban.value.replaceAll(" ", "").length >= 15;
  if (kind() === "ach") return typed.routing.value.length >= 9 && typed.account.value.length >= 4;
  return typed.email.value.includes("@");
};

const found = add.querySelector("[data-found]");

const check = afterTyping(async (isNewest) => {
  if (!isFilled() || typed.holder_name.value.trim().length < 2) return;
  try {
    const { bank, shown, currency } = await ask("POST /v1/payout-methods/check", { details: detailsOf() });
    if (!isNewest()) return;
    complain(add);
    found.querySelector("span").textContent = [bank, shown, currency].filter(Boolean).join(" · ");
    found.hidden = false;
  } catch (problem) {
    if (isNewest()) complain(add, reasonOf(problem));
  }
});

const showKind = () => {
  for (const part of add.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== kind();
  for (const input of add.querySelectorAll("[data-for] input:not([type=checkbox])")) input.required = !input.closest("[data-for]").hidden;
};

add.addEventListener("input", (event) => {
  if (event.target.name === "code") return;
  // Other details are another method, whatever became of those before.
  methodId = newId();
  found.hidden = true;
  complain(add);
  showKind();
  check();
});
showKind();

let toVerify = null;

const openVerify = (id) => {
  toVerify = id;
  complain(verify);
  verify.reset();
  document.querySelector("#verify").showModal();
};

once(add, async () => {
  const method = await ask("POST /v1/payout-methods", { id: methodId, details: detailsOf(), code: typed.code.value.trim() });
  document.querySelector("#add").close();
  openVerify(method.id);
  // Whoever closes the sheet finds the method in the list.
  document.querySelector("#verify").addEventListener("close", () => location.reload(), { once: true });
});

once(verify, async () => {
  await ask(`POST /v1/payout-methods/${toVerify}/verify`, { code: verify.elements.code.value });
  go("added");
});

verify.querySelector("[data-resend]").addEventListener("click", async (event) => {
  const words = event.currentTarget.dataset.wordsDone;
  try {
    await ask(`POST /v1/payout-methods/${toVerify}/code`);
    toast(words);
  } catch (problem) {
    complain(verify, reasonOf(problem));
  }
});

for (const button of document.querySelectorAll("[data-enter]")) button.addEventListener("click", () => openVerify(button.dataset.enter));

/* Removing one. */

let toRemove = null;

for (const button of document.querySelectorAll("[data-remove]")) {
  button.addEventListener("click", () => {
    const line = button.closest("[data-method]");
    toRemove = line.dataset.method;
    document.querySelector("[data-remove-name]").textContent = line.dataset.shown;
    document.querySelector("#remove").showModal();
  });
}

document.querySelector("[data-remove-now]").addEventListener("click", async () => {
  try {
    await ask(`DELETE /v1/payout-methods/${toRemove}`);
    go("removed");
  } catch (problem) {
    document.querySelector("#remove").close();
    tellProblem(problem);
  }
});

/* Withdrawing. */

const wish = withdraw.elements;
const bill = withdraw.querySelector("[data-quote]");
const submit = withdraw.querySelector("[data-submit]");
const when = withdraw.querySelector("[data-when]");
const codeField = withdraw.querySelector("[data-needs-code]");
const language = document.documentElement.lang;
let payoutId = newId();
let quote = null;
let takesAll = false;

const purse = () => wish.purse.selectedOptions[0];

// "60", "60.5" and "60,50": whole minor units, or null for what isn't an amount.
const minorOf = (text) => {
  const exponent = Number(purse().dataset.exponent);
  const parts = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text.trim());
  if (!parts || (parts[2] ?? "").length > exponent) return null;
  return Number(parts[1] + (parts[2] ?? "").padEnd(exponent, "0"));
};

const written = (minor) => {
  const exponent = Number(purse().dataset.exponent);
  return (minor / 10 ** exponent).toLocaleString(language, { minimumFractionDigits: exponent, useGrouping: false });
};

const rateOf = ({ base, quote: into, numerator, denominator }) =>
  `1 ${base} = ${(numerator / denominator).toLocaleString(language, { maximumSignificantDigits: 8 })} ${into}`;

const line = (name, text) => {
  const part = bill.querySelector(`[data-line=${name}]`);
  part.hidden = !text;
  part.querySelector("dd").textContent = text ?? "";
};

const off = (amount) => (amount.amount_minor ? `− ${asMoney(amount)}` : "");

const spreadOf = ({ spread_micros: micros, amount }) => {
  const words = new Intl.NumberFormat(language, { style: "currency", currency: amount.currency, maximumFractionDigits: 6 });
  const exponent = Number(purse().dataset.exponent);
  return micros ? `− ${words.format(micros / 10 ** (exponent + 4))}` : "";
};

const show = () => {
  line("amount", asMoney(quote.amount));
  line("fee", off(quote.fee));
  line("withheld", off(quote.withheld));
  line("spread", spreadOf(quote));
  line("rate", quote.rate ? rateOf(quote.rate) : "");
  bill.querySelector("[data-source]").textContent = quote.rate ? quote.rate.source : "";
  bill.querySelector("[data-spread]").textContent = quote.rate ? (quote.spread_bps / 10_000).toLocaleString(language, { style: "percent", maximumFractionDigits: 2 }) : "";
  bill.querySelector("[data-paid]").textContent = asMoney(quote.paid);
  const day = new Date(`${quote.arrives_on}T12:00:00Z`).toLocaleDateString(language, { dateStyle: "medium", timeZone: "UTC" });
  const looks = when.getAttribute(`data-words-${quote.why}`);
  when.textContent = [looks, when.dataset.wordsWhen.replace("{day}", day)].filter(Boolean).join(" ");
  codeField.hidden = !quote.needs_code;
  wish.code.required = quote.needs_code;
  bill.hidden = when.hidden = false;
  delete bill.dataset.old;
  submit.textContent = submit.dataset.words.replace("{amount}", asMoney(quote.paid));
  submit.disabled = false;
};

const fade = () => {
  quote = null;
  submit.disabled = true;
  bill.dataset.old = "yes";
  complain(withdraw);
  withdraw.querySelector("[data-to-tax]").hidden = true;
};

const complainOfWish = (problem) => {
  complain(withdraw, wordsOf(problem, withdraw));
  withdraw.querySelector("[data-to-tax]").hidden = problem.code !== "tax_form_needed";
};

const askQuote = afterTyping(async (isNewest) => {
  const minor = takesAll ? "all" : minorOf(wish.amount.value);
  if (minor === null) {
    if (wish.amount.value.trim()) complain(withdraw, withdraw.querySelector("[data-wrong]").dataset.wordsAmount);
    return;
  }
  const query = new URLSearchParams({ method: wish.method.value, amount_minor: minor, currency: purse().value });
  try {
    const answer = await ask(`GET /v1/payouts/quote?${query}`);
    if (!isNewest()) return;
    quote = answer;
    show();
  } catch (problem) {
    if (isNewest()) complainOfWish(problem);
  }
});

withdraw.addEventListener("input", (event) => {
  if (event.target.name === "code") return;
  if (event.target.name === "amount") takesAll = false;
  if (event.target.name === "purse") withdraw.querySelector("[data-code]").textContent = purse().value;
  if (takesAll) wish.amount.value = written(purse().dataset.minor);
  // Another amount or another place is another payout.
  payoutId = newId();
  fade();
  askQuote();
});

withdraw.querySelector("[data-all]").addEventListener("click", () => {
  takesAll = true;
  wish.amount.value = written(purse().dataset.minor);
  payoutId = newId();
  fade();
  askQuote();
});

once(withdraw, async () => {
  if (!quote) return;
  const amount = takesAll ? "all" : quote.amount;
  const body = { id: payoutId, method: wish.method.value, amount, currency: quote.amount.currency, shown_minor: quote.paid.amount_minor };
  if (quote.needs_code) body.code = wish.code.value.trim();
  try {
    await ask("POST /v1/payouts", body);
    go("asked");
  } catch (problem) {
    if (problem.code === "quote_changed" || problem.code === "not_enough_available") {
      payoutId = newId();
      fade();
      askQuote();
    }
    complainOfWish(problem);
  }
});

/* Taking one back. */

let toCancel = null;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-cancel]");
  if (!button) return;
  toCancel = button.dataset.cancel;
  document.querySelector("#cancel").showModal();
});

document.querySelector("[data-cancel-now]").addEventListener("click", async () => {
  try {
    await ask(`POST /v1/payouts/${toCancel}/cancel`);
    go("cancelled");
  } catch (problem) {
    document.querySelector("#cancel").close();
    tellProblem(problem);
  }
});
