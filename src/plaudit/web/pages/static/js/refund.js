// A refund on its way: the page looks until it has ended, and then shows how.

import { ask } from "./ask.js";

const PAUSES_MS = [800, 1200, 2000, 3000, 5000];

const card = document.querySelector("[data-refund]");

const look = async (round) => {
  try {
    const refund = await ask(`GET /v1/refunds/${card.dataset.refund}`);
    if (refund.state === "refunded" || refund.state === "failed") return location.reload();
  } catch {
    // Out of reach for a moment: the next look tells.
  }
  setTimeout(() => look(round + 1), PAUSES_MS[Math.min(round + 1, PAUSES_MS.length - 1)]);
};

if (card) setTimeout(() => look(0), PAUSES_MS[0]);
