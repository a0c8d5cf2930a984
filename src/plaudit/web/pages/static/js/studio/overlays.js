// Making overlays: their address is put together from what was chosen; testing, revoking, and who is connected.

import { ask } from "../ask.js";
import { reasonOf, tellProblem, toast } from "../toast.js";
import "./dialogs.js";

const LOOK_EVERY_MS = 3_000;

const form = document.querySelector("[data-make]");
const made = document.querySelector("[data-made]");
const list = document.querySelector("[data-overlays]");
const wrong = form.querySelector("[data-wrong]");
const fields = form.elements;
let chosen = null;

// What the address says beside its secret; what is as usual is left out.
const choices = () => {
  const query = new URLSearchParams();
  const put = (name, value, usual) => String(value) !== usual && query.set(name, value);
  put("size", Number(fields.size.value), "1");
  put("alerts", fields.alerts.checked ? "yes" : "no", "yes");
  if (fields.alerts.checked && Number(fields.quiet_below.value) > 1) query.set("quiet_below", fields.quiet_below.value);
  if (fields.alerts.checked && fields.sound.checked) query.set("sound", "yes");
  if (fields.has_goal.checked && Number(fields.goal.value) > 0) {
    query.set("goal", fields.goal.value);
    if (fields.goal_title.value.trim()) query.set("goal_title", fields.goal_title.value.trim());
  }
  if (fields.has_leaders.checked) query.set("leaders", fields.leaders.value);
  return query;
};

const showChoices = () => {
  for (const part of form.querySelectorAll("[data-with]")) part.hidden = !fields[part.dataset.with].checked;
  form.querySelector("[data-size]").textContent = `${Math.round(fields.size.value * 100)}%`;
};
form.addEventListener("input", showChoices);
showChoices();

const showMade = (overlay) => {
  const query = choices();
  const address = new URL(overlay.path, location.href);
  address.search = query;
  made.querySelector("[data-address]").value = address.href;
  const preview = new URL(address);
  preview.searchParams.set("ground", "dark");
  made.querySelector("[data-preview]").href = preview.href;
  // OBS reads these from an address that is dropped on it.
  const [width, height] = fields.shape.value.split("x");
  const dropped = new URL(address);
  dropped.searchParams.set("layer-name", overlay.name);
  dropped.searchParams.set("layer-width", width);
  dropped.searchParams.set("layer-height", height);
  made.querySelector("[data-drag]").href = dropped.href;
  made.hidden = false;
  form.hidden = true;
  made.querySelector("h2").focus();
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("[data-submit]");
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  wrong.hidden = true;
  try {
    const overlay = await ask("POST /v1/overlays", { name: fields.name.value });
    showMade(overlay);
    await look();
  } catch (problem) {
    wrong.textContent = reasonOf(problem);
    wrong.hidden = false;
  }
  button.removeAttribute("aria-busy");
});

made.querySelector("[data-again]").addEventListener("click", () => {
  made.hidden = true;
  form.hidden = false;
  fields.name.value = "";
  fields.name.focus();
});

made.querySelector("[data-copy]").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  const input = made.querySelector("[data-address]");
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    // Without the right to the clipboard the old way still works.
    document.execCommand("copy");
  }
  toast(button.dataset.wordsDone);
});

made.querySelector("[data-drag]").addEventListener("dragstart", (event) => {
  event.dataTransfer.setData("text/uri-list", event.currentTarget.href);
  event.dataTransfer.setData("text/plain", event.currentTarget.href);
});
// A click would leave this page, and the address with it.
made.querySelector("[data-drag]").addEventListener("click", (event) => event.preventDefault());

const lineOf = (overlay) => {
  const known = [...list.children].find((line) => line.dataset.id === overlay.id);
  if (known) return known;
  const line = document.querySelector("#overlay-line").content.firstElementChild.cloneNode(true);
  line.dataset.id = overlay.id;
  line.querySelector("[data-name]").textContent = overlay.name;
  return line;
};

const draw = (overlays) => {
  const lines = overlays.map((overlay) => {
    const line = lineOf(overlay);
    const state = line.querySelector("[data-state]");
    const { wordsOn, wordsOff, wordsNever } = list.dataset;
    const words = overlay.connections ? wordsOn : overlay.seen_at ? wordsOff : wordsNever;
    if (state.textContent !== words) state.textContent = words;
    state.dataset.on = overlay.connections ? "yes" : "no";
    return line;
  });
  // Only what changed is moved, so that nobody loses the button under their finger.
  if (lines.length !== list.children.length || lines.some((line, index) => line !== list.children[index])) list.replaceChildren(...lines);
  document.querySelector("[data-none]").hidden = overlays.length > 0;
  document.querySelector("[data-some]").hidden = !overlays.length;
};

const look = async () => draw((await ask("GET /v1/overlays")).items);

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const line = button.closest("li");
  chosen = { id: line.dataset.id, name: line.querySelector("[data-name]").textContent };
  const sheet = document.querySelector("try" in button.dataset ? "#try" : "#revoke");
  sheet.querySelector("[data-try-name], [data-revoke-name]").textContent = chosen.name;
  sheet.showModal();
});

for (const button of document.querySelectorAll("[data-gift]")) {
  button.addEventListener("click", async () => {
    try {
      const { connections } = await ask(`POST /v1/overlays/${chosen.id}/test`, { gift: button.dataset.gift });
      toast(connections ? list.dataset.wordsSent : list.dataset.wordsNobody);
    } catch (problem) {
      tellProblem(problem);
    }
    document.querySelector("#try").close();
  });
}

document.querySelector("[data-revoke-now]").addEventListener("click", async () => {
  document.querySelector("#revoke").close();
  try {
    await ask(`DELETE /v1/overlays/${chosen.id}`);
    toast(list.dataset.wordsRevoked);
    const isFull = document.querySelector("[data-full]");
    if (isFull && made.hidden) {
      isFull.remove();
      form.hidden = false;
    }
    await look();
  } catch (problem) {
    tellProblem(problem);
  }
});

setInterval(() => {
  if (document.visibilityState === "visible") look().catch(() => {});
}, LOOK_EVERY_MS);
