// Asking our own API with the session of this browser.

import { plain } from "./plain.js";

/** What the API refused: `code` is for programs, `message` for people. */
export class Refused extends Error {
  constructor(problem, sentence) {
    super(sentence);
    this.code = problem.code;
    this.status = problem.status;
    this.problem = problem;
  }
}

/** The word that proves to the API that one of our own pages asks; empty for a stranger. */
export function wordOfPage() {
  return document.querySelector("meta[name=csrf]")?.content ?? "";
}

/** `ask("POST /v1/gifts", {...})`: the answer's JSON. Throws Refused, or TypeError when there is no network. */
export async function ask(line, body) {
  const [method, path] = line.split(" ", 2);
  const headers = { accept: "application/json" };
  if (method !== "GET") headers["x-csrf-token"] = wordOfPage();
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  const content = text ? JSON.parse(text) : null;
  if (!answer.ok) {
    const problem = content ?? { code: "unreadable", detail: answer.statusText, status: answer.status };
    throw new Refused(problem, await plain(problem.detail || problem.title));
  }
  return content;
}

/** An id for something new: the same one again asks for the same thing, never for a second. */
export function newId() {
  return crypto.randomUUID();
}
