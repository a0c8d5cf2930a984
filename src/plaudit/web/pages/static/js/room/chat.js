// The chat: what is said, gifts among it, and saying something oneself.

import { ask, newId } from "../ask.js";
import { tellProblem } from "../toast.js";

const LINES_KEPT = 120;

/** The chat of a room: `say`, `gift`, `endCombo` and `remove` take what comes. */
export function makeChat(list, form, live, art) {
  const window = list.closest("[role=log]");
  const known = new Set();
  // The lines of combos, so that a tap counts up the line that is there.
  const combos = new Map();

  const add = (item, id) => {
    if (id) {
      if (known.has(id)) return;
      known.add(id);
      item.dataset.id = id;
    }
    const isAtEnd = window.scrollHeight - window.scrollTop - window.clientHeight < 60;
    list.append(item);
    while (list.children.length > LINES_KEPT) {
      known.delete(list.firstElementChild.dataset.id);
      list.firstElementChild.remove();
    }
    // Whoever scrolled up to read isn't torn away.
    if (isAtEnd) window.scrollTop = window.scrollHeight;
  };

  const line = (name, ...rest) => {
    const item = document.createElement("li");
    const who = document.createElement("b");
    who.textContent = name;
    item.append(who, ...rest);
    return item;
  };

  const say = (event) => add(line(event.from.name, event.text), event.id);

  const gift = (event) => {
    if (known.has(event.id)) return;
    const count = event.combo ? event.combo.count : event.quantity;
    const open = combos.get(event.combo?.id);
    if (open?.isConnected && !event.message) {
      known.add(event.id);
      open.querySelector(".times").textContent = `×${count}`;
      return;
    }
    const item = drawGift(event, count);
    if (event.combo) combos.set(event.combo.id, item);
    add(item, event.id);
  };

  const drawGift = (event, count) => {
    const image = document.createElement("img");
    image.src = art(event.gift);
    image.alt = "";
    const times = document.createElement("span");
    times.className = "times";
    times.textContent = count > 1 ? `×${count}` : "";
    const name = event.from ? event.from.name : list.dataset.wordsAnonymous;
    const item = line(name, `${list.dataset.wordsSent} ${event.gift.name} `, image, times);
    if (event.message) item.append(`: ${event.message}`);
    item.className = "gift-line";
    return item;
  };

  const endCombo = (combo) => combos.delete(combo);

  const remove = (id) => {
    for (const item of list.children) if (item.dataset.id === id) item.remove();
  };

  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const input = form.elements.text;
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    try {
      await ask(`POST /v1/lives/${live}/chat`, { id: newId(), text });
    } catch (problem) {
      input.value ||= text;
      tellProblem(problem);
    }
  });

  return { say, gift, endCombo, remove };
}
