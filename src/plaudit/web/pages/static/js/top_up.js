// A purchase on its way: asks how it stands until it is over, and then leads back to where the coins are wanted.

import { ask } from "./ask.js";

const FIRST_MS = 700;
const LONGEST_MS = 6_000;
const LEAVES_AFTER_MS = 4_000;

const way = document.querySelector("[data-top-up]");
const on = way.querySelector("[data-way-on]");

const watch = async (pause) => {
  if (document.visibilityState === "visible") {
    try {
      const { status } = await ask(`GET /v1/top-ups/${way.dataset.topUp}`);
      if (status !== "pending") {
        location.reload();
        return;
      }
    } catch {
      // No network, or signed out: the next look tells.
    }
  }
  setTimeout(watch, pause, Math.min(pause * 1.3, LONGEST_MS));
};

if ("waiting" in way.dataset) setTimeout(watch, FIRST_MS, FIRST_MS);

if (on) {
  const stay = way.querySelector("[data-stay]");
  // In the place of this page, so that the way back from the live doesn't end here and lead on again.
  const leaving = setTimeout(() => location.replace(on.href), LEAVES_AFTER_MS);
  const remain = () => {
    clearTimeout(leaving);
    on.classList.remove("going");
    stay.hidden = true;
  };
  on.classList.add("going");
  stay.hidden = false;
  stay.addEventListener("click", () => {
    remain();
    on.focus();
  });
  window.addEventListener("pagehide", remain);
}
