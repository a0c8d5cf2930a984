// The live room: what comes over the line goes to the chat, the lane, the shows, the stage and the figures.

import { artAddress } from "../art.js";
import { ask } from "../ask.js";
import { tellProblem } from "../toast.js";
import { makeChat } from "./chat.js";
import { follow } from "./connection.js";
import { makeLane } from "./lane.js";
import { makeLeaders } from "./leaders.js";
import { makeLikes } from "./likes.js";
import { makeShows } from "./shows.js";
import { lightStage, showVideo } from "./stage.js";
import { makeTray } from "./tray.js";

const room = document.querySelector(".room");
const start = JSON.parse(document.querySelector("#room-start").textContent);
const live = room.dataset.live;
const base = room.dataset.static;
const isSignedIn = room.dataset.signedIn === "yes";
const art = (gift) => artAddress(base, gift.art);
const find = (selector) => room.querySelector(selector);

let isAloud = false;
const chat = makeChat(find(".chat"), find("[data-say]"), live, art);
const lane = makeLane(find(".lane"), art);
const leaders = makeLeaders(room, live, start.prices);
const signIn = isSignedIn ? "" : `/sign-in?next=${encodeURIComponent(location.pathname)}`;
const likes = makeLikes(find("[data-like]"), find(".hearts"), live, signIn);
const stage = lightStage(find(".stage-light"), Number.parseInt(live.slice(-4), 16));
const shows = makeShows({ show: find(".stage-show"), bursts: find(".stage-bursts") }, find(".headline"), {
  base,
  art,
  anonymous: find(".lane").dataset.wordsAnonymous,
  sent: find(".lane").dataset.wordsSent,
});
// On a phone the tray lies over the stage: a large gift gets the screen that it was paid for.
const isBesideTheStage = window.matchMedia("(min-width: 60rem)");
const tray = makeTray(find(".tray"), { live_id: live }, {
  art,
  onSent: (_, gift) => gift.tier === "large" && !isBesideTheStage.matches && tray.close(),
});
const stateLine = find("[data-state-line]");

const tell = (sentence) => {
  stateLine.hidden = !sentence;
  stateLine.textContent = sentence ?? "";
};

const takes = {
  state(event) {
    for (const said of event.chat) chat.say(said);
    for (const open of event.combos) lane.show({ ...open, id: open.combo.id });
    likes.showFirst(event.likes);
    takes.viewers({ count: event.viewers });
    leaders.drawFaces(event.leaders);
    if (event.live.ended_at) takes.live_ended();
  },
  gift_sent(event) {
    chat.gift(event);
    if (event.gift.tier !== "large") lane.show(event);
    shows.play(event);
    stage.cheer(event.coins);
    leaders.touch();
  },
  combo_ended(event) {
    lane.end(event.combo.id);
    chat.endCombo(event.combo.id);
  },
  chat: (event) => chat.say(event),
  chat_removed: (event) => chat.remove(event.id),
  likes: (event) => likes.show(event.total),
  viewers(event) {
    find("[data-viewers]").textContent = event.count.toLocaleString(document.documentElement.lang);
  },
  live_changed(event) {
    for (const title of room.querySelectorAll("[data-title]")) title.textContent = event.live.title;
  },
  live_ended() {
    if (room.dataset.ended === "yes") return;
    room.dataset.ended = "yes";
    tell(null);
    tray.close();
    find("#leaders").close();
    find(".room-end").hidden = false;
    find(".room-end a").focus({ focusVisible: false });
  },
};

follow(live, start.watch, {
  on: (event) => takes[event.type]?.(event),
  onLine: (isUp) => {
    room.dataset.line = isUp ? "up" : "down";
    if (room.dataset.ended !== "yes") tell(isUp ? null : stateLine.dataset.wordsLost);
  },
});

showVideo(find(".stage-video"), start.playback, base).then((isVideo) => {
  find(".stage").classList.toggle("has-video", isVideo);
});

for (const button of room.querySelectorAll("[data-open=tray]")) button.addEventListener("click", () => tray.open(button));
find("[data-close=tray]")?.addEventListener("click", () => tray.close());
find("[data-sound]").addEventListener("click", (event) => {
  isAloud = !isAloud;
  find(".stage-video").muted = !isAloud;
  shows.turnSound(isAloud);
  event.currentTarget.setAttribute("aria-pressed", String(isAloud));
});

find("[data-follow]")?.addEventListener("click", async (event) => {
  const button = event.currentTarget;
  const isFollowing = button.getAttribute("aria-pressed") === "true";
  try {
    await ask(`${isFollowing ? "DELETE" : "PUT"} /v1/people/${button.dataset.follow}/follow`);
    button.setAttribute("aria-pressed", String(!isFollowing));
    button.textContent = isFollowing ? button.dataset.plain : button.dataset.following;
  } catch (problem) {
    tellProblem(problem);
  }
});
