// The line to the room: a WebSocket that comes back with what was missed, and server-sent events where sockets are blocked.

import { ask } from "../ask.js";

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;
const SOCKETS_BEFORE_STREAM = 3;
// A token that is nearly over would be refused on the way.
const TOKEN_MARGIN_MS = 30_000;

/**
 * Follow a live. `on(event)` is called once for each event, in order; `onLine(isUp)` when the line comes and goes.
 * `after` is the event from which on to begin, else it begins with a state; `renew` gets a fresh `watch`.
 * Returns a function that ends it.
 */
export function follow(live, watch, { on, onLine, after = null, renew = () => askForWatch(live) }) {
  let seq = after;
  let tries = 0;
  let everOpen = false;
  let ended = false;
  let line = null;
  let timer = 0;

  const take = (text) => {
    for (const event of JSON.parse(text)) {
      if (event.seq !== undefined) {
        // A state and a reset say where we are; everything else is the next one, or was seen before.
        const isPlace = event.type === "state" || event.type === "reset";
        if (!isPlace && seq !== null && event.seq <= seq) continue;
        seq = event.seq;
      }
      on(event);
    }
  };

  const opened = () => {
    tries = 0;
    everOpen = true;
    onLine(true);
  };

  const lost = () => {
    line = null;
    if (ended) return;
    onLine(false);
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
    tries += 1;
    // All who were cut off together must not come back together.
    timer = setTimeout(open, longest * (0.5 + Math.random()));
  };

  const fresh = async () => {
    if (Date.parse(watch.expires_at) - Date.now() < TOKEN_MARGIN_MS) watch = await renew();
    const query = new URLSearchParams({ token: watch.token });
    if (seq !== null) query.set("after", String(seq));
    return query;
  };

  const open = async () => {
    let query;
    try {
      query = await fresh();
    } catch {
      lost();
      return;
    }
    if (ended) return;
    line = !everOpen && tries >= SOCKETS_BEFORE_STREAM ? stream(query) : socket(query);
  };

  const socket = (query) => {
    const ws = new WebSocket(`${watch.url}?${query}`);
    ws.onopen = opened;
    ws.onmessage = (message) => take(message.data);
    ws.onclose = lost;
    return ws;
  };

  const stream = (query) => {
    const source = new EventSource(`/v1/lives/${live}/stream?${query}`);
    source.onopen = opened;
    source.onmessage = (message) => take(message.data);
    source.onerror = () => {
      source.close();
      lost();
    };
    return source;
  };

  const again = () => {
    if (line || ended) return;
    clearTimeout(timer);
    tries = 0;
    open();
  };
  window.addEventListener("online", again);

  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    window.removeEventListener("online", again);
    line?.close();
  };
}

async function askForWatch(live) {
  return (await ask(`GET /v1/lives/${live}`)).watch;
}
