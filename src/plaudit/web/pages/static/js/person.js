// Somebody's page: following and blocking, each a switch.

import { ask } from "./ask.js";
import { tellProblem } from "./toast.js";

const page = document.querySelector("[data-person]");
const followers = page.querySelector("[data-followers]");
const switches = new Map([...page.querySelectorAll("[data-switch]")].map((button) => [button.dataset.switch, button]));

const show = (name, isOn) => {
  const button = switches.get(name);
  button.setAttribute("aria-pressed", String(isOn));
  button.textContent = isOn ? button.dataset.on : button.dataset.off;
  if (name === "follow") button.classList.toggle("calm", isOn);
};

const isOn = (name) => switches.get(name).getAttribute("aria-pressed") === "true";

const count = (change) => {
  followers.dataset.followers = Number(followers.dataset.followers) + change;
  followers.textContent = Number(followers.dataset.followers).toLocaleString(document.documentElement.lang);
};

const turn = async (name) => {
  const wanted = !isOn(name);
  const button = switches.get(name);
  button.disabled = true;
  try {
    await ask(`${wanted ? "PUT" : "DELETE"} /v1/people/${page.dataset.person}/${name}`);
    // A block ends following, both ways.
    const ended = name === "block" && wanted && isOn("follow");
    if (name === "follow" || ended) count(name === "follow" && wanted ? 1 : -1);
    if (ended) show("follow", false);
    show(name, wanted);
    page.querySelector("[data-if-blocking]").hidden = !isOn("block");
    page.querySelector("[data-unless-blocking]").hidden = isOn("block");
  } catch (problem) {
    tellProblem(problem);
  } finally {
    button.disabled = false;
  }
};

for (const [name, button] of switches) button.addEventListener("click", () => turn(name));
