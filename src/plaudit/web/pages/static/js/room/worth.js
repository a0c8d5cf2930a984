// What gifts cost and bring, in words: small change is neither rounded to nothing nor made more than it is.

import { asMoney } from "../money.js";

/**
 * About what so many coins cost (`what` is "worth") or bring their receiver ("creator_share"): `{amount_minor, currency}`
 * with parts of a minor unit. The catalogue rounds the figure of each gift, so it is taken from a dearer one near it.
 */
export function figureOf(gifts, coins, what) {
  const byPrice = [...gifts].sort((one, other) => one.price_coins - other.price_coins);
  const enough = Math.max(coins, byPrice.at(-1).price_coins / 100);
  const near = byPrice.find((gift) => gift.price_coins >= enough) ?? byPrice.at(-1);
  return { currency: near[what].currency, amount_minor: (near[what].amount_minor * coins) / near.price_coins };
}

/** About what so many coins cost now: at the rate of the largest pack that is within them, as when they are bought. */
export function costOf(prices, coins) {
  const [packCoins, packMinor] = prices.packs.findLast((pack) => pack[0] <= coins) ?? prices.packs[0];
  return { currency: prices.currency, amount_minor: (packMinor * coins) / packCoins };
}

/** An amount as a sentence: `plain` has "{money}" in it, and so has `less`, which is for what is under one minor unit. */
export function tellMoney(amount, plain, less) {
  const isLess = amount.amount_minor > 0 && amount.amount_minor < 1;
  const minor = isLess ? 1 : Math.floor(amount.amount_minor);
  return (isLess ? less : plain).replace("{money}", asMoney({ ...amount, amount_minor: minor }));
}
