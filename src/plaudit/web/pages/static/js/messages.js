// A conversation: writing, gifts, what comes meanwhile, and what was read.

import { artAddress } from "./art.js";
import { ask, newId, Refused } from "./ask.js";
import { showPurse } from "./page.js";
import { makeTray } from "./room/tray.js";
import { toast } from "./toast.js";

// News are pushed; this is for those that were lost, and for networks that let no stream through.
const LOOKS_EVERY_MS = 20_000;
const LOOKS_WITHOUT_STREAM_MS = 3_000;

const talk = document.querySelector("[data-thread]");
const handle = talk.dataset.thread;
const scroll = talk.querySelector("[data-scroll]");
const list = talk.querySelector("[data-items]");
const seen = talk.querySelector("[data-seen]");
const form = talk.querySelector("[data-write]");
const field = form.elements.text;
let readUpTo = 0;
let looking = null;
let draft = null;
let news = null;
let lookedAt = 0;

const numberOf = (item) => Number(item?.dataset.number ?? 0);
const last = () => numberOf(list.lastElementChild);
const toEnd = () => (scroll.scrollTop = scroll.scrollHeight);

/** So many messages wait, in all conversations. */
const showUnread = (count) => {
  for (const mark of document.querySelectorAll("[data-letters]")) {
    mark.hidden = count === 0;
    mark.querySelector("[data-letters-count]").textContent = count > 99 ? "99+" : count;
  }
};

const markRead = async () => {
  const number = last();
  if (number <= readUpTo || document.visibilityState !== "visible") return;
  readUpTo = number;
  try {
    await ask(`PUT /v1/threads/${handle}/read`, { number });
    document.querySelector(".thread[aria-current] [data-unread]")?.remove();
  } catch {
    // It is read; that the other doesn't know yet is told with the next one.
    readUpTo = 0;
  }
};

const take = (page) => {
  const newer = page.querySelector("[data-items]");
  const isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const items = [...newer.children].filter((item) => numberOf(item) > last());
  list.append(...items);
  if (items.length) {
    talk.querySelector("[data-empty]")?.remove();
    document.dispatchEvent(new CustomEvent("more", { detail: items }));
  }
  const isMine = list.lastElementChild?.classList.contains("own");
  seen.hidden = !isMine || Number(newer.dataset.readByOther) < last();
  showUnread(Number(newer.dataset.allUnread));
  if (isAtEnd && items.length) toEnd();
  markRead();
};

const look = async () => {
  lookedAt = performance.now();
  const answer = await fetch(`/messages/${handle}/newer?after=${last()}`, { headers: { accept: "text/html" } });
  // Signed out meanwhile: the page itself leads to the sign-in and back.
  if (answer.redirected) location.reload();
  else if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
};

/** One look at a time; whoever wants another waits for the one that is under way. */
const lookOnce = () => {
  looking ??= look()
    .catch(() => {})
    .finally(() => (looking = null));
  return looking;
};

const lookAgain = async () => {
  await looking;
  await lookOnce();
};

const lookNow = async () => {
  await lookAgain();
  toEnd();
};

/** A stream for as long as the page is to be seen: a browser has only a few connections for all of its tabs. */
const listen = () => {
  if (document.visibilityState !== "visible") {
    news?.close();
    news = null;
  } else if (!news || news.readyState === EventSource.CLOSED) {
    news = new EventSource("/news");
    news.onmessage = lookAgain;
  }
};

const lookIfItIsTime = () => {
  if (document.visibilityState !== "visible") return;
  const isStreamed = news?.readyState === EventSource.OPEN;
  if (!isStreamed || performance.now() - lookedAt > LOOKS_EVERY_MS) {
    listen();
    lookOnce();
  }
};

const write = async () => {
  const text = field.value.trim();
  if (!text || form.dataset.busy) return;
  // The same words tried again are the same message.
  if (draft?.text !== text) draft = { id: newId(), to: handle, text };
  form.dataset.busy = "yes";
  try {
    await ask("POST /v1/messages", draft);
    draft = null;
    field.value = "";
    await lookNow();
  } catch (problem) {
    toast(problem instanceof Refused ? problem.message : talk.dataset.wordsNetwork);
  } finally {
    delete form.dataset.busy;
    field.focus();
  }
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  write();
});
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  write();
});

const tray = makeTray(talk.querySelector(".tray"), { to: handle }, {
  art: (gift) => artAddress(talk.dataset.static, gift.art),
  onWallet: showPurse,
  onSent: lookNow,
});
talk.querySelector("[data-open=tray]")?.addEventListener("click", (event) => tray.open(event.currentTarget));
talk.querySelector("[data-close=tray]")?.addEventListener("click", () => tray.close());

setInterval(lookIfItIsTime, LOOKS_WITHOUT_STREAM_MS);
document.addEventListener("visibilitychange", () => {
  listen();
  lookIfItIsTime();
});
listen();
toEnd();
markRead();
