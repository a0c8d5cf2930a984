// The chat from the creator's side: every line has a button that opens what can be done about it.

import { ask, newId } from "../ask.js";
import { tellProblem, toast } from "../toast.js";

const LINES_KEPT = 300;

/** The chat of one's own room: `say` and `remove` put events into it; `onNew` is told of each line. */
export function makeSaid(list, form, template, sheet, { live, own, onNew }) {
  const known = new Set();
  let chosen = null;

  const say = (event) => {
    if (known.has(event.id)) return;
    known.add(event.id);
    const item = template.content.firstElementChild.cloneNode(true);
    const [name, words] = item.querySelector(".said-words").children;
    name.textContent = event.from.name;
    words.textContent = event.text;
    item.dataset.id = event.id;
    item.classList.toggle("own", event.from.handle === own);
    const more = item.querySelector("button");
    more.setAttribute("aria-label", list.dataset.wordsMore.replace("{name}", event.from.name));
    more.addEventListener("click", () => open(event));
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    list.querySelector(".nothing")?.remove();
    list.append(item);
    while (list.children.length > LINES_KEPT) list.firstElementChild.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
    onNew();
  };

  const remove = (id) => {
    for (const item of list.children) if (item.dataset.id === id) item.remove();
  };

  const open = (event) => {
    chosen = event;
    sheet.querySelector("[data-line-name]").textContent = event.from.name;
    sheet.querySelector("[data-line-words]").textContent = event.text;
    // Nobody is muted, or appointed, in a room of their own.
    for (const button of sheet.querySelectorAll("[data-act]:not([data-act=remove])")) button.hidden = event.from.handle === own;
    sheet.showModal();
  };

  const acts = {
    remove: () => ask(`DELETE /v1/lives/${live}/chat/${chosen.id}`).then(() => remove(chosen.id)),
    mute: (button) => ask(`PUT /v1/lives/${live}/mutes/${chosen.from.handle}`, button.dataset.minutes ? { minutes: Number(button.dataset.minutes) } : {}),
    appoint: () => ask(`PUT /v1/creator/moderators/${chosen.from.handle}`),
  };

  for (const button of sheet.querySelectorAll("[data-act]")) {
    button.addEventListener("click", async () => {
      try {
        await acts[button.dataset.act](button);
        toast(button.dataset.wordsDone);
      } catch (problem) {
        tellProblem(problem);
      }
      sheet.close();
    });
  }

  form.addEventListener("submit", async (event) => {
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

  if (!list.children.length) {
    const nothing = document.createElement("p");
    nothing.className = "nothing quiet";
    nothing.textContent = list.dataset.wordsEmpty;
    list.append(nothing);
  }
  return { say, remove };
}
