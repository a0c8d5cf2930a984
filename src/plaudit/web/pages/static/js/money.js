// Money as people write it. The API counts in whole minor units; Intl knows how many of them a currency's unit has.

/** `{amount_minor: 499, currency: "USD"}` as "$4.99"; "" for none. */
export function asMoney(amount) {
  if (!amount) return "";
  const words = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: amount.currency });
  return words.format(amount.amount_minor / 10 ** words.resolvedOptions().maximumFractionDigits);
}
