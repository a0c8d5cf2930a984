// A sentence that is shown for a moment, and read out.

import { Refused } from "./ask.js";

const SHOWN_MS = 4_500;

/** Tell something in passing. */
export function toast(sentence) {
  const note = document.createElement("p");
  note.className = "toast";
  note.textContent = sentence;
  document.querySelector(".toasts").append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}

/** Why something that was asked for didn't happen: what a browser says of a lost connection is in its own language. */
export function reasonOf(problem) {
  const { wordsNetwork, wordsSignedOut } = document.querySelector(".toasts").dataset;
  if (!(problem instanceof Refused)) return wordsNetwork;
  return problem.status === 401 ? wordsSignedOut : problem.message;
}

/** Tell why something that was asked for didn't happen. */
export function tellProblem(problem) {
  toast(reasonOf(problem));
}
