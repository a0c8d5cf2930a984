// Order in the room: blocked words, moderators, and who is muted. Read when the sheet opens.

import { ask } from "../ask.js";
import { reasonOf } from "../toast.js";

/** Fill and serve the sheet; `live` is the one that is on. */
export function keepOrder(sheet, live) {
  const kinds = {
    words: { path: "/v1/creator/blocked-words", name: (item) => item.word, key: (item) => item.word },
    moderators: { path: "/v1/creator/moderators", name: (item) => item.display_name ?? item.handle, key: (item) => item.handle },
    mutes: { path: `/v1/lives/${live}/mutes`, name: (item) => item.display_name, key: (item) => item.handle },
  };

  for (const part of sheet.querySelectorAll("[data-order]")) serve(part, kinds[part.dataset.order]);
  document.querySelector(`[data-open-dialog=${sheet.id}]`).addEventListener("click", () => {
    for (const part of sheet.querySelectorAll("[data-order]")) part.dispatchEvent(new CustomEvent("load"));
  });
}

function serve(part, kind) {
  const list = part.querySelector("ul");
  const wrong = part.querySelector("[role=alert]");
  const form = part.querySelector("form");

  const attempt = async (work) => {
    wrong.hidden = true;
    try {
      await work();
      draw((await ask(`GET ${kind.path}`)).items);
    } catch (problem) {
      wrong.textContent = reasonOf(problem);
      wrong.hidden = false;
    }
  };

  const draw = (items) => {
    list.replaceChildren(...items.map(chip));
    if (items.length) return;
    const nothing = document.createElement("li");
    nothing.className = "nothing small";
    nothing.textContent = part.dataset.wordsEmpty;
    list.append(nothing);
  };

  const chip = (item) => {
    const li = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "×";
    button.setAttribute("aria-label", part.dataset.wordsRemove.replace("{name}", kind.name(item)));
    button.addEventListener("click", () => attempt(() => ask(`DELETE ${kind.path}/${encodeURIComponent(kind.key(item))}`)));
    li.append(kind.name(item), button);
    return li;
  };

  part.addEventListener("load", () => attempt(async () => {}));
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = form.elements.word;
    const word = input.value.trim().replace(/^@/, "");
    attempt(async () => {
      await ask(`PUT ${kind.path}/${encodeURIComponent(word)}`);
      input.value = "";
    });
  });
}
