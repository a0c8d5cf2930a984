// An overlay: asks with its secret what is on, follows that live and its own channel, and shows what its address asks for.

import { follow } from "../room/connection.js";
import { makeAlerts } from "./alerts.js";
import { makeGoal, makeTop } from "./board.js";
import { openMemory } from "./memory.js";
import { readSettings } from "./settings.js";

const LOOK_EVERY_MS = 15_000;
// After a longer break nobody wants to see what was missed.
const TOO_OLD_MS = 10 * 60_000;
const YOUNG_MS = 60_000;
const ROOT_SIZE_PX = 16;

const { overlay, static: base, wordsAnonymous, wordsAllAnonymous, wordsSent, wordsTest } = document.body.dataset;
const secret = decodeURIComponent(location.pathname.split("/").pop());
const settings = readSettings(location.search);
const root = document.documentElement;
const main = document.querySelector("main");
root.style.setProperty("font-size", `${settings.size * ROOT_SIZE_PX}px`);
if (settings.ground) root.dataset.ground = settings.ground;

const alerts = makeAlerts(main, {
  base,
  words: { anonymous: wordsAnonymous, sent: wordsSent, test: wordsTest },
  quietBelow: settings.quietBelow,
  isAloud: settings.sound,
});
const goal = makeGoal(main.querySelector(".goal"), { goal: settings.goal, title: settings.goalTitle });
const top = makeTop(main.querySelector(".top"), { leaders: settings.leaders, anonymous: wordsAllAnonymous });

let current = { id: null, leave: () => {} };
let leaveChannel = null;
let timer = 0;
let isOver = false;

class Over extends Error {}

async function ask() {
  const answer = await fetch("/v1/overlays/watch", { headers: { authorization: `Bearer ${secret}` }, credentials: "omit" });
  if (answer.status === 401) {
    end();
    throw new Over("revoked");
  }
  if (!answer.ok) throw new TypeError(answer.statusText);
  return answer.json();
}

async function look() {
  clearTimeout(timer);
  try {
    const scene = await ask();
    leaveChannel ??= follow(overlay, scene.channel, {
      on: (event) => channel[event.type]?.(event),
      onLine: (isUp) => (root.dataset.channel = isUp ? "up" : "down"),
      renew: async () => (await ask()).channel,
    });
    if (scene.live?.id !== (current.id ?? undefined)) change(scene.live);
    if (scene.live) goal.begin(scene.live.coins, scene.live.seq);
  } catch (problem) {
    if (problem instanceof Over) return;
    // No network: what is there goes on, and is asked again.
  }
  if (!isOver) timer = setTimeout(look, LOOK_EVERY_MS);
}

const channel = {
  test_alert(event) {
    if (settings.alerts) alerts.take(event, () => {});
    goal.cheer();
  },
  overlay_revoked: end,
};

function change(live) {
  current.leave();
  goal.restart();
  current = { id: live?.id ?? null, leave: () => {} };
  top.show(current.id);
  if (!live) return;
  const memory = openMemory(overlay, live.id);
  current.leave = follow(live.id, live.watch, {
    on: (event) => take(event, memory),
    onLine: (isUp) => (root.dataset.line = isUp ? "up" : "down"),
    // Of a live that began a moment ago everything is new.
    after: memory.after ?? (Date.now() - Date.parse(live.started_at) < YOUNG_MS ? 0 : null),
    renew: async () => {
      const { live: now } = await ask();
      if (now?.id !== live.id) throw new TypeError("the live is over");
      return now.watch;
    },
  });
}

function take(event, memory) {
  if (event.type === "state") memory.begin(event.seq);
  else if (event.type === "gift_sent") takeGift(event, memory);
  else if (event.seq !== undefined && event.type !== "reset") memory.pass(event.seq);
  // Whoever ends a live may begin another at once.
  if (event.type === "live_ended") setTimeout(look, 1_000);
}

function takeGift(event, memory) {
  goal.add(event);
  top.touch();
  if (!memory.isNew(event.seq)) return;
  const shown = () => memory.done([event.seq]);
  const isTooOld = Date.now() - Date.parse(event.at) > TOO_OLD_MS;
  if (settings.alerts && !isTooOld) alerts.take(event, shown);
  else shown();
}

// Nothing more is to be seen: this may still lie over somebody's picture.
function end() {
  isOver = true;
  clearTimeout(timer);
  current.leave();
  leaveChannel?.();
  alerts.clear();
  main.remove();
}

look();
