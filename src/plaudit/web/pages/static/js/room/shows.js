// Large gifts fill the screen, one after the other; medium and small ones burst. Reduced motion gets a picture and a line.

import { makeSounds } from "../../gifts/sounds.js";
import { isUploaded } from "../art.js";

const WAITING_AT_MOST = 30;
const STILL_MS = 5_000;

/** The shows over a stage: `play(gift_sent event)` and `turnSound(isOn)`. `base` is where our files are. */
export function makeShows({ show: canvas, bursts }, headline, { base, art, anonymous, sent }) {
  const sounds = makeSounds();
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const waiting = [];
  let isPlaying = false;

  const play = (event) => {
    if (event.gift.tier !== "large") {
      burst(event);
      return;
    }
    waiting.push(event);
    // What came first is shown first; only a flood that nobody could watch loses its cheapest.
    if (waiting.length > WAITING_AT_MOST) {
      const least = waiting.reduce((one, other) => (other.coins < one.coins ? other : one));
      waiting.splice(waiting.indexOf(least), 1);
    }
    next();
  };

  const next = async () => {
    if (isPlaying) return;
    const event = waiting.shift();
    if (!event) return;
    isPlaying = true;
    announce(event);
    try {
      await (calm.matches ? still(event) : scene(event));
    } catch {
      // Without a network there is no scene to be had, and maybe no picture: the line alone says what was sent.
      await still(event);
    } finally {
      headline.replaceChildren();
      isPlaying = false;
      next();
    }
  };

  const announce = (event) => {
    const many = event.quantity > 1 ? ` ×${event.quantity}` : "";
    headline.textContent = `${event.from ? event.from.name : anonymous} ${sent} ${event.gift.name}${many}`;
  };

  const still = (event) => {
    const image = document.createElement("img");
    image.src = art(event.gift);
    image.alt = "";
    headline.append(image);
    return pause(STILL_MS);
  };

  const scene = async (event) => {
    let module;
    try {
      // A gift that an operator added has a picture, and no scene of its own.
      const name = isUploaded(event.gift.art) ? "spotlight" : event.gift.art;
      module = await import(`${base}gifts/scenes/${name}.js`);
    } catch {
      module = await import(`${base}gifts/scenes/spotlight.js`);
    }
    const image = await loaded(art(event.gift));
    const show = module.play(canvas, { image, seed: seedOf(event.id), sound: sounds });
    await show.finished;
  };

  const burst = async (event) => {
    sounds.tier(event.gift.tier);
    if (calm.matches || document.hidden) return;
    try {
      const [module, image] = await Promise.all([import(`${base}gifts/bursts.js`), loaded(art(event.gift))]);
      module.play(bursts, { image, count: event.quantity, tier: event.gift.tier, seed: seedOf(event.id) });
    } catch {
      // Nothing bursts while there is no network to load it by; the lane and the chat tell of the gift.
    }
  };

  return { play, turnSound: sounds.turn };
}

const pictures = new Map();

function loaded(address) {
  if (!pictures.has(address)) {
    const image = new Image();
    image.src = address;
    const decoded = image.decode().then(() => image);
    decoded.catch(() => pictures.delete(address));
    pictures.set(address, decoded);
  }
  return pictures.get(address);
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// The same gift looks the same on every screen.
function seedOf(id) {
  return Number.parseInt(id.replaceAll("-", "").slice(-8), 16);
}
