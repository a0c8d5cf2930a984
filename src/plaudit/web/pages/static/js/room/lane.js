// Small and medium gifts as lines that rise on the left. Taps of one combo are one line whose count goes up.

const LINES_AT_ONCE = 4;
const LINE_MS = 4_500;
const WAITING_AT_MOST = 200;

/** The lane of a room: `show(gift_sent event)` and `end(combo id)`. */
export function makeLane(list, art) {
  const language = document.documentElement.lang;
  const lines = new Map();
  const waiting = [];

  const show = (event) => {
    const key = event.combo ? event.combo.id : event.id;
    const line = lines.get(key);
    if (line) {
      count(line, event);
      return;
    }
    const queued = waiting.find((other) => event.combo && other.combo?.id === key);
    if (queued) Object.assign(queued, event);
    else if (lines.size >= LINES_AT_ONCE) hold(event);
    else draw(key, event);
  };

  const hold = (event) => {
    waiting.push(event);
    // In a storm the dearest are shown: what isn't seen here stands in the chat, and nothing is counted here.
    if (waiting.length > WAITING_AT_MOST) {
      waiting.sort((one, other) => other.coins - one.coins);
      waiting.length = WAITING_AT_MOST / 2;
    }
  };

  const draw = (key, event) => {
    const item = document.createElement("li");
    const who = document.createElement("span");
    who.className = "who";
    const name = document.createElement("b");
    name.textContent = event.from ? event.from.name : list.dataset.wordsAnonymous;
    who.append(name, `${list.dataset.wordsSent} ${event.gift.name}`);
    const image = document.createElement("img");
    image.src = art(event.gift);
    image.alt = "";
    const times = document.createElement("span");
    times.className = "times";
    item.append(who, image, times);
    list.append(item);
    const line = { item, times, key, shown: 0, timer: 0 };
    lines.set(key, line);
    count(line, event);
  };

  const count = (line, event) => {
    const total = event.combo ? event.combo.count : event.quantity;
    if (total <= line.shown) return;
    line.shown = total;
    line.times.textContent = total > 1 ? `×${total.toLocaleString(language)}` : "";
    line.times.classList.remove("struck");
    // Reading a size makes the browser see the class go before it comes again.
    void line.times.offsetWidth;
    line.times.classList.add("struck");
    clearTimeout(line.timer);
    line.timer = setTimeout(() => leave(line), LINE_MS);
  };

  const leave = (line) => {
    lines.delete(line.key);
    line.item.classList.add("leaving");
    setTimeout(() => line.item.remove(), 350);
    const next = waiting.shift();
    if (next) show(next);
  };

  const end = (combo) => {
    const line = lines.get(combo);
    if (!line) return;
    clearTimeout(line.timer);
    line.timer = setTimeout(() => leave(line), LINE_MS / 3);
  };

  return { show, end };
}
