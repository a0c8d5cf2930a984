// Likes: taps are gathered and sent together, and hearts rise at once.

import { ask } from "../ask.js";
import { tellProblem } from "../toast.js";

const GATHER_MS = 900;
const MOST_AT_ONCE = 50;
const HEARTS_AT_ONCE = 24;
const HEARTS_OF_OTHERS = 4;
const COLOURS = 5;

/** The like button; `show(total)` tells what the room says. `hearts` is where they rise. */
export function makeLikes(button, hearts, live, signIn) {
  const figure = button.querySelector("[data-likes]");
  const drawing = button.querySelector("svg");
  const language = document.documentElement.lang;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let tapped = 0;
  let total = Number(figure.textContent);
  let timer = 0;

  const show = (now) => {
    total = Math.max(total, now);
    figure.textContent = total.toLocaleString(language);
  };

  const rise = (count) => {
    if (calm.matches || document.hidden) return;
    for (let heart = 0; heart < count && hearts.children.length < HEARTS_AT_ONCE; heart += 1) {
      const item = document.createElement("span");
      item.className = `heart heart-${Math.floor(Math.random() * COLOURS)}`;
      item.style.setProperty("--side", `${Math.round((Math.random() - 0.5) * 80)}px`);
      item.style.setProperty("--late", `${heart * 140}ms`);
      item.append(drawing.cloneNode(true));
      item.addEventListener("animationend", () => item.remove());
      hearts.append(item);
    }
  };

  const send = async () => {
    timer = 0;
    const count = Math.min(tapped, MOST_AT_ONCE);
    tapped = 0;
    try {
      await ask(`POST /v1/lives/${live}/likes`, { count });
    } catch (problem) {
      tellProblem(problem);
    }
  };

  button.addEventListener("click", () => {
    if (signIn) {
      location.assign(signIn);
      return;
    }
    tapped += 1;
    show(total + 1);
    rise(1);
    timer ||= setTimeout(send, GATHER_MS);
  });
  show(total);
  return {
    show(now) {
      rise(Math.min(now - total, HEARTS_OF_OTHERS));
      show(now);
    },
    showFirst: show,
  };
}
