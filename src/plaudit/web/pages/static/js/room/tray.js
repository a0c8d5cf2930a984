// The tray: choosing a gift, seeing what it costs and what the creator gets, and sending it, once.

import { ask, newId, Refused } from "../ask.js";
import { makeTabs } from "../tabs.js";
import { drawGift, fly } from "./gift.js";
import { figureOf, tellMoney } from "./worth.js";

const COMBO_MS = 4_500;
const TRIES = 4;

/**
 * The tray of a room or of a conversation. `receiver` says who gets what is given, as the API takes it: `{ live_id }` or
 * `{ to }`. Taps on "Send" within a few seconds belong to one combo.
 */
export function makeTray(tray, receiver, { art, onWallet = () => {}, onSent = () => {} }) {
  if (!tray) return { open() {}, close() {} };
  const find = (selector) => tray.querySelector(selector);
  const parts = {
    gifts: find(".tray-gifts"),
    coins: find("[data-tray-coins]"),
    share: find("[data-share]"),
    send: find("[data-send]"),
    times: find("[data-times]"),
    quantity: find("#quantity"),
    anonymous: find("[data-anonymous]"),
    problem: find(".tray-problem"),
    topUp: find("[data-top-up]"),
    signIn: find("[data-sign-in]"),
  };
  const words = tray.dataset;
  const topUpAddress = parts.topUp.getAttribute("href");
  const language = document.documentElement.lang;
  let gifts = [];
  let chosen = null;
  let combo = null;
  let purse = null;
  let underWay = 0;

  // What is under way counts as spent: the figure follows the finger, and the answers only confirm it.
  const showCoins = () => {
    const coins = Math.max(0, purse.coins - underWay);
    parts.coins.textContent = coins.toLocaleString(language);
    onWallet(coins);
    ready();
  };

  const learn = (coins, at) => {
    // Answers may overtake each other; the wallet after the latest gift is the one that holds.
    if (!purse || at >= purse.at) purse = { coins, at };
    showCoins();
  };

  const costOf = () => (chosen ? chosen.price_coins * Number(parts.quantity.value) : 0);

  /** What the creator gets; before it the cost, where it isn't the one that stands on the gift. */
  const tellCost = (cost) => {
    const share = tellMoney(figureOf(gifts, cost, "creator_share"), words.wordsShare, words.wordsShareLess);
    if (cost === chosen.price_coins) return share;
    const money = tellMoney(figureOf(gifts, cost, "worth"), "{money}", words.wordsLess);
    const all = words.wordsCost.replace("{coins}", cost.toLocaleString(language)).replace("{money}", money);
    return `${all} ${share}`;
  };

  const ready = () => {
    parts.send.disabled = !chosen;
    const cost = costOf();
    parts.share.textContent = chosen ? tellCost(cost) : "";
    const missing = purse ? cost - (purse.coins - underWay) : 0;
    if (missing > 0) complain(words.wordsShort.replace("{coins}", missing.toLocaleString(language)), missing);
    else complain("");
  };

  const complain = (sentence, missing) => {
    parts.problem.hidden = !sentence;
    parts.share.hidden = Boolean(sentence);
    // Said once: an alert that is written anew is read out anew.
    if (parts.problem.textContent !== sentence) parts.problem.textContent = sentence;
    const more = missing ? `${topUpAddress.includes("?") ? "&" : "?"}coins=${missing}` : "";
    parts.topUp.setAttribute("href", topUpAddress + more);
    parts.topUp.classList.toggle("calm", !missing);
  };

  const explain = (problem) => {
    const isSignedOut = problem instanceof Refused && problem.status === 401;
    if (isSignedOut) complain(words.wordsSignedOut);
    else complain(problem instanceof Refused ? problem.message : words.wordsNetwork);
    parts.signIn.hidden = !isSignedOut;
    parts.topUp.hidden = isSignedOut;
  };

  /** Another tab has spent what was counted on: look into the wallet, and say what is short of it. */
  const lookAgain = async () => {
    purse = { coins: (await ask("GET /v1/wallet")).coins, at: 0 };
    showCoins();
  };

  const draw = (tier) => {
    const shown = gifts.filter((gift) => !tier || gift.tier === tier);
    if (!shown.includes(chosen)) choose(null);
    parts.gifts.replaceChildren(
      ...shown.map((gift) => drawGift(gift, art, { isChosen: gift === chosen, words, onChoose: () => choose(gift) })),
    );
  };

  const choose = (gift) => {
    chosen = gift;
    endCombo();
    ready();
  };

  const endCombo = () => {
    clearTimeout(combo?.timer);
    combo = null;
    parts.times.textContent = "";
    parts.send.classList.remove("going");
  };

  /** Another tap: the combo that is going on, or a new one. The button shows it before the house has heard of it. */
  const tap = (isHidden) => {
    const together = `${parts.quantity.value} ${isHidden}`;
    if (combo?.together !== together) endCombo();
    combo ??= { id: newId(), together, taps: 0 };
    combo.taps += 1;
    parts.times.textContent = combo.taps > 1 ? `×${combo.taps}` : "";
    clearTimeout(combo.timer);
    combo.timer = setTimeout(endCombo, COMBO_MS);
    parts.send.classList.remove("going");
    // Reading a size makes the browser see the class go before it comes again.
    void parts.send.offsetWidth;
    parts.send.classList.add("going");
    fly(parts.send, art(chosen));
    return combo.id;
  };

  const send = async () => {
    if (!chosen) return;
    const isHidden = parts.anonymous?.checked ?? false;
    const cost = costOf();
    const given = chosen;
    const gift = {
      id: newId(),
      ...receiver,
      gift: given.id,
      quantity: Number(parts.quantity.value),
      combo_id: tap(isHidden),
      visibility: isHidden ? "anonymous" : "public",
    };
    underWay += cost;
    showCoins();
    try {
      const sent = await sendOnce(gift);
      underWay -= cost;
      learn(sent.wallet.coins, Date.parse(sent.at));
      onSent(sent, given);
    } catch (problem) {
      underWay -= cost;
      endCombo();
      showCoins();
      if (problem.problem?.missing_coins) await lookAgain().catch(explain);
      else explain(problem);
    }
  };

  // The same id again is the same gift, so a lost answer is asked for again without a doubt.
  const sendOnce = async (gift) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ask("POST /v1/gifts", gift);
      } catch (problem) {
        const mayHelp = !(problem instanceof Refused) || problem.status >= 500;
        if (!mayHelp || attempt === TRIES) throw problem;
        complain(words.wordsNetwork);
        await new Promise((resolve) => setTimeout(resolve, 400 * 2 ** attempt));
      }
    }
  };

  const load = async () => {
    const [catalogue, wallet] = await Promise.all([
      ask(`GET /v1/gifts/catalogue?${new URLSearchParams(receiver)}`),
      ask("GET /v1/wallet"),
    ]);
    gifts = catalogue.items;
    chosen = gifts.find((gift) => gift.id === chosen?.id) ?? null;
    draw(find("[role=tab][aria-selected=true]").dataset.tier);
    purse = { coins: wallet.coins, at: 0 };
    showCoins();
  };

  const tiers = makeTabs(find("[role=tablist]"), (tab) => draw(tab.dataset.tier));
  parts.send.addEventListener("click", send);
  parts.quantity.addEventListener("change", () => {
    endCombo();
    ready();
  });
  tray.addEventListener("keydown", (event) => event.key === "Escape" && close());

  let opener = null;
  const open = async (by) => {
    opener = by;
    opener.setAttribute("aria-expanded", "true");
    tray.hidden = false;
    tiers.first.focus();
    try {
      await load();
    } catch (problem) {
      explain(problem);
    }
  };
  const close = () => {
    if (tray.hidden) return;
    tray.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
  };
  return { open, close };
}
