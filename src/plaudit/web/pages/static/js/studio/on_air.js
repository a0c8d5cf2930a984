// The room from the creator's side: gifts with coins and money, the chat to see to, figures and top fans.

import { artAddress } from "../art.js";
import { ask } from "../ask.js";
import { follow } from "../room/connection.js";
import "./dialogs.js";
import { asShare, makeFeed } from "./feed.js";
import { keepOrder } from "./order.js";
import { makeSaid } from "./said.js";
import { drawFans } from "./top.js";

// In a storm of gifts their money is asked for this often, for many at once.
const ASK_EVERY_MS = 1_500;

const room = document.querySelector(".on-air");
const { live, handle, static: base, wordsAnonymous, wordsAllAnonymous } = room.dataset;
const start = JSON.parse(document.querySelector("#on-air-start").textContent);
const find = (selector) => document.querySelector(selector);
const number = (value) => value.toLocaleString(document.documentElement.lang);

const panels = find(".on-air-panels");
const mark = find(".tab-mark");
const feed = makeFeed(find("[data-feed]"), find("#feed-line"), {
  art: (gift) => artAddress(base, gift.art),
  anonymous: wordsAnonymous,
  empty: find("[data-feed-empty]"),
});
const said = makeSaid(find("[data-said]"), find("[data-say]"), find("#said-line"), find("#line"), {
  live,
  own: handle,
  onNew: () => (mark.hidden = panels.dataset.shows === "chat"),
});
keepOrder(find("#order"), live);

let coins = Number(room.dataset.firstCoins);
let gifts = Number(room.dataset.firstGifts);
let timer = 0;

const showSums = () => {
  find("[data-sum-coins]").textContent = number(coins);
  find("[data-gifts]").textContent = number(gifts);
};

const refresh = async () => {
  timer = 0;
  try {
    const { items, total } = await ask(`GET /v1/gifts/received?live_id=${live}&limit=100`);
    feed.tell(items);
    coins = total.coins;
    gifts = total.gifts;
    showSums();
    find("[data-sum-money]").textContent = total.is_whole ? asShare(total.creator_share) : "";
    drawFans(find("[data-top]"), total.top, wordsAllAnonymous);
    // A long live is added up in several looks.
    if (!total.is_whole) timer ||= setTimeout(refresh, ASK_EVERY_MS);
  } catch {
    // Without an answer the coins go on, and the next gift asks again.
  }
};

const takes = {
  state(event) {
    for (const line of event.chat) said.say(line);
    takes.likes({ total: event.likes });
    takes.viewers({ count: event.viewers });
    if (event.live.ended_at) takes.live_ended();
    refresh();
  },
  gift_sent(event) {
    feed.add(event);
    coins += event.coins;
    gifts += 1;
    showSums();
    timer ||= setTimeout(refresh, ASK_EVERY_MS);
  },
  chat: (event) => said.say(event),
  chat_removed: (event) => said.remove(event.id),
  likes: (event) => (find("[data-likes]").textContent = number(event.total)),
  viewers: (event) => (find("[data-viewers]").textContent = number(event.count)),
  live_changed: (event) => (find(".on-air-head h1").textContent = event.live.title),
  live_ended: () => location.assign(`/studio/lives/${live}`),
};

follow(live, start.watch, {
  on: (event) => takes[event.type]?.(event),
  onLine: (isUp) => (find("[data-lost]").hidden = isUp),
});

const began = Date.parse(start.started_at);
const tick = () => {
  const seconds = Math.max(0, Math.floor((Date.now() - began) / 1000));
  const two = (value) => String(value).padStart(2, "0");
  find("[data-elapsed]").textContent = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
};
tick();
setInterval(tick, 1_000);

const tabs = [...document.querySelectorAll(".on-air-tabs [role=tab]")];
for (const tab of tabs) {
  tab.addEventListener("click", () => {
    for (const other of tabs) other.setAttribute("aria-selected", String(other === tab));
    panels.dataset.shows = tab.id.replace("tab-", "");
    if (panels.dataset.shows === "chat") mark.hidden = true;
    const list = find("[data-said]");
    list.scrollTop = list.scrollHeight;
  });
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
}
