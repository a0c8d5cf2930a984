// Alerts: small and medium gifts as cards, large ones as a show over everything. What comes at once waits in line, taps of
// one combo are one alert, and when many wait each is shown for a shorter time.

import { artAddress, isUploaded } from "../art.js";
import { makeSounds } from "../../gifts/sounds.js";

const CARDS_AT_ONCE = 3;
const WAITING_AT_MOST = 200;
const LEAVING_MS = 340;
// How long a card stays after its last tap, by how many wait.
const STAYS_MS = [[10, 1_200], [3, 2_200], [0, 4_800]];
const STILL_MS = 6_000;
// With more shows than this in line, each is cut short.
const SHOWS_PATIENT = 2;
const SHORT_SHOW_MS = 6_000;
// The creator's picture stays to be seen behind a show.
const DIMMING = 0.3;

/** The alerts of an overlay: `take(event, onShown)`; `onShown` is called when it is on the screen, or never will be. */
export function makeAlerts(main, { base, words, quietBelow, isAloud }) {
  const list = main.querySelector(".cards");
  const headline = main.querySelector(".headline");
  const canvas = main.querySelector(".show");
  const bursts = main.querySelector(".bursts");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const sounds = makeSounds();
  if (isAloud) sounds.turn(true);
  const cards = new Map();
  const waiting = { cards: [], shows: [] };
  let playing = null;

  const take = (event, onShown) => {
    const key = event.combo?.id ?? event.id;
    if ((event.combo?.coins ?? event.coins) < quietBelow) {
      onShown();
      return;
    }
    const line = event.gift.tier === "large" ? "shows" : "cards";
    const queued = waiting[line].find((alert) => alert.key === key);
    const alert = { key, event, shown: [onShown] };
    if (cards.has(key)) grow(cards.get(key), alert);
    else if (queued) join(queued, alert);
    else {
      waiting[line].push(alert);
      trim(waiting[line]);
    }
    fill();
    play();
  };

  const join = (alert, more) => {
    alert.event = more.event;
    alert.shown.push(...more.shown);
  };

  // What came first is shown first; only a flood that nobody could watch loses its cheapest.
  const trim = (line) => {
    if (line.length <= WAITING_AT_MOST) return;
    const least = line.reduce((one, other) => (other.event.coins < one.event.coins ? other : one));
    line.splice(line.indexOf(least), 1);
    tell(least);
  };

  const tell = (alert) => {
    for (const shown of alert.shown.splice(0)) shown();
  };

  const fill = () => {
    while (cards.size < CARDS_AT_ONCE && waiting.cards.length) draw(waiting.cards.shift());
  };

  const draw = (alert) => {
    const { event } = alert;
    const item = document.createElement("li");
    const image = document.createElement("img");
    image.src = artAddress(base, event.gift.art);
    image.alt = "";
    const times = part("span", "times");
    item.append(image, whoSent(event), times);
    if (event.type === "test_alert") item.append(part("span", "test-mark", words.test));
    const card = { key: alert.key, item, times, count: 0, timer: 0 };
    cards.set(alert.key, card);
    list.append(item);
    sounds.tier(event.gift.tier);
    grow(card, alert);
  };

  const grow = (card, alert) => {
    const { event } = alert;
    const count = Math.max(card.count, event.combo?.count ?? event.quantity);
    if (count > card.count) {
      card.times.textContent = count > 1 ? `×${count.toLocaleString(document.documentElement.lang)}` : "";
      card.times.classList.remove("struck");
      // Reading a size makes the browser see the class go before it comes again.
      void card.times.offsetWidth;
      card.times.classList.add("struck");
      card.count = count;
      burst(event);
    }
    tell(alert);
    clearTimeout(card.timer);
    const [, stays] = STAYS_MS.find(([many]) => waiting.cards.length >= many);
    card.timer = setTimeout(() => leave(card), stays);
  };

  const leave = (card) => {
    card.item.classList.add("leaving");
    setTimeout(() => {
      card.item.remove();
      cards.delete(card.key);
      fill();
    }, LEAVING_MS);
  };

  const whoSent = (event) => {
    const who = part("span", "who");
    who.append(part("b", "", event.from ? event.from.name : words.anonymous), `${words.sent} ${event.gift.name}`);
    if (event.message) who.append(part("q", "", event.message));
    return who;
  };

  const burst = async (event) => {
    if (calm.matches || document.hidden) return;
    try {
      const [module, image] = await Promise.all([import(`${base}gifts/bursts.js`), loaded(artAddress(base, event.gift.art))]);
      module.play(bursts, { image, count: event.quantity, tier: event.gift.tier, seed: seedOf(event.id) });
    } catch {
      // Nothing bursts while there is no network to load it by; the card tells of the gift.
    }
  };

  const play = async () => {
    if (playing || !waiting.shows.length) return;
    playing = waiting.shows.shift();
    main.classList.add("playing");
    announce(playing.event);
    tell(playing);
    try {
      await (calm.matches ? still(playing.event) : scene(playing.event));
    } catch {
      // Without its files a show is its headline.
      await pause(STILL_MS);
    } finally {
      headline.replaceChildren();
      main.classList.remove("playing");
      playing = null;
      play();
    }
  };

  const announce = (event) => {
    const count = event.combo?.count ?? event.quantity;
    const many = count > 1 ? ` ×${count}` : "";
    const test = event.type === "test_alert" ? [part("span", "test-mark", words.test)] : [];
    const message = event.message ? [part("q", "", event.message)] : [];
    headline.replaceChildren(...test, `${event.from ? event.from.name : words.anonymous} ${words.sent} ${event.gift.name}${many}`, ...message);
  };

  const scene = async (event) => {
    const name = isUploaded(event.gift.art) ? "spotlight" : event.gift.art;
    const module = await import(`${base}gifts/scenes/${name}.js`).catch(() => import(`${base}gifts/scenes/spotlight.js`));
    const image = await loaded(artAddress(base, event.gift.art));
    const show = module.play(canvas, { image, seed: seedOf(event.id), sound: sounds, dimming: DIMMING });
    const cut = setInterval(() => waiting.shows.length > SHOWS_PATIENT && show.stop(), SHORT_SHOW_MS);
    await show.finished;
    clearInterval(cut);
  };

  const still = (event) => {
    const image = document.createElement("img");
    image.src = artAddress(base, event.gift.art);
    image.alt = "";
    headline.prepend(image);
    return pause(STILL_MS);
  };

  const clear = () => {
    waiting.cards.length = waiting.shows.length = 0;
    sounds.turn(false);
  };

  return { take, clear };
}

const pictures = new Map();

function loaded(address) {
  if (!pictures.has(address)) {
    const image = new Image();
    image.src = address;
    pictures.set(address, image.decode().then(() => image));
  }
  return pictures.get(address);
}

function part(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function seedOf(id) {
  return Number.parseInt(id.replaceAll("-", "").slice(-8), 16);
}
