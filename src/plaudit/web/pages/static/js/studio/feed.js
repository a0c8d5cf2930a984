// Gifts as they come, the newest on top: coins at once, and the creator's share as soon as the API tells it.

import { asMoney } from "../money.js";

const LINES_KEPT = 150;
const MICROS_PER_MINOR = 10_000;

const number = (value) => value.toLocaleString(document.documentElement.lang);

/** A share of the API, `{amount_minor, currency, others}`, as people write it; "" for none. */
export function asShare(share) {
  if (!share) return "";
  if (!share.amount_minor && !share.others.length) return `< ${asMoney({ ...share, amount_minor: 1 })}`;
  return `≈ ${[share, ...share.others].map(asMoney).join(" + ")}`;
}

/** The feed: `add(event)` for gifts of the room, `tell(gifts)` for what the API says of them, the newest first. */
export function makeFeed(list, template, { art, anonymous, empty }) {
  const byGift = new Map();
  const byCombo = new Map();
  // Lines of combos that the API told of: it calls a combo by the sender's id, and the room by one of its own.
  const told = [];

  const draw = (gift, from) => {
    const item = template.content.firstElementChild.cloneNode(true);
    const find = (name) => item.querySelector(`[data-${name}]`);
    item.dataset.tier = gift.tier ?? "small";
    item.querySelector("img").src = art(gift);
    find("name").textContent = from ? from.name : anonymous;
    find("gift").textContent = gift.name;
    return { item, find, gifts: new Map(), who: from?.handle, what: gift.name };
  };

  const count = (line) => {
    const all = [...line.gifts.values()];
    const pieces = all.reduce((sum, gift) => sum + gift.quantity, 0);
    line.find("times").textContent = pieces > 1 ? `×${number(pieces)}` : "";
    line.find("coins").textContent = number(all.reduce((sum, gift) => sum + gift.coins, 0));
    line.find("money").textContent = asShare(addShares(all.map((gift) => gift.micros)));
  };

  const put = (line, id, gift) => {
    line.gifts.set(id, gift);
    byGift.set(id, line);
    const words = line.find("words");
    if (gift.message) {
      words.textContent = gift.message;
      words.hidden = false;
    }
    count(line);
  };

  const trim = () => {
    while (list.children.length > LINES_KEPT) {
      const last = list.lastElementChild;
      for (const [id, line] of byGift) if (line.item === last) byGift.delete(id);
      for (const [id, line] of byCombo) if (line.item === last) byCombo.delete(id);
      last.remove();
    }
    empty.hidden = list.children.length > 0;
  };

  const findTold = (from, gift) => {
    const at = told.findIndex((line) => line.who === from?.handle && line.what === gift.name);
    return at < 0 ? undefined : told.splice(at, 1)[0];
  };

  const add = (event) => {
    if (byGift.has(event.id)) return;
    const { combo, gift, from, quantity, coins, message } = event;
    let line = combo && (byCombo.get(combo.id) ?? findTold(from, gift));
    if (line) byCombo.set(combo.id, line);
    else {
      line = draw(gift, from);
      line.item.classList.add("fresh");
      if (combo) byCombo.set(combo.id, line);
      list.prepend(line.item);
    }
    put(line, event.id, { quantity, coins, message, micros: null });
    trim();
  };

  // Oldest first, so that those which aren't there yet come to stand in their order.
  const tell = (gifts) => {
    for (const gift of [...gifts].reverse()) {
      const { id, quantity, coins, message, share_micros: micros } = gift;
      let line = byGift.get(id);
      if (!line) {
        const before = byCombo.get(gift.combo_id);
        line = before ?? draw({ art: gift.art, name: gift.name, tier: tierOf(gift) }, gift.from);
        if (gift.combo_id) {
          byCombo.set(gift.combo_id, line);
          if (!before) told.push(line);
        }
        if (!before) list.prepend(line.item);
      }
      put(line, id, { quantity, coins, message, micros });
    }
    trim();
  };

  return { add, tell };
}

// What the API tells of a gift has no tier; the price of one is what makes it.
function tierOf(gift) {
  const price = gift.coins / gift.quantity;
  return price >= 1000 ? "large" : price >= 100 ? "medium" : "small";
}

// Shares of less than a cent are added before they are rounded.
function addShares(all) {
  if (!all.length || all.some((micros) => !micros)) return null;
  const sums = new Map();
  for (const [currency, micros] of all.flatMap(Object.entries)) sums.set(currency, (sums.get(currency) ?? 0) + micros);
  const [first, ...others] = [...sums].map(([currency, micros]) => ({ currency, amount_minor: Math.floor(micros / MICROS_PER_MINOR) }));
  return first ? { ...first, others } : null;
}
