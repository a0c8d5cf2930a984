// What stands there all the time: a goal of coins for this live, and who gave most.

const AGAIN_MS = 3_000;
// An answer may be read a little before the events that are here already.
const KEPT = 500;

const number = (value) => value.toLocaleString(document.documentElement.lang);

/** The goal: `begin(coins, seq)` as the API tells them, `add(event)` for each gift. */
export function makeGoal(box, { goal, title }) {
  const bar = box.querySelector(".goal-bar span");
  const figure = box.querySelector("[data-goal-coins]");
  let known = { coins: 0, seq: 0 };
  let since = [];
  box.hidden = !goal;
  box.querySelector("[data-goal-of]").textContent = number(goal);
  if (title) box.querySelector("[data-goal-title]").textContent = title;

  const draw = () => {
    const coins = since.reduce((sum, gift) => sum + gift.coins, known.coins);
    figure.textContent = number(coins);
    bar.style.setProperty("translate", `${Math.min(0, (coins / goal) * 100 - 100)}% 0`);
    box.classList.toggle("reached", coins >= goal);
  };

  const cheer = () => {
    box.classList.remove("cheer");
    void box.offsetWidth;
    box.classList.add("cheer");
  };

  const begin = (coins, seq) => {
    known = { coins, seq };
    since = since.filter((gift) => gift.seq > seq);
    if (goal) draw();
  };

  const add = (event) => {
    if (!goal || event.seq <= known.seq || since.some((gift) => gift.seq === event.seq)) return;
    since.push({ seq: event.seq, coins: event.coins });
    if (since.length > KEPT) begin(since.reduce((sum, gift) => sum + gift.coins, known.coins), event.seq);
    draw();
    cheer();
  };

  const restart = () => {
    since = [];
    begin(0, 0);
  };

  return { begin, add, cheer, restart };
}

/** Who gave most in a live: `show(live)` begins, `touch()` says that gifts came. */
export function makeTop(list, { leaders, anonymous }) {
  let live = null;
  let timer = 0;

  const load = async () => {
    timer = 0;
    if (!live || !leaders) return;
    try {
      const answer = await fetch(`/v1/lives/${live}/leaderboard?span=live&limit=${leaders}`, { credentials: "omit" });
      if (answer.ok) draw((await answer.json()).items);
    } catch {
      // It stays as it is; the next gift asks again.
    }
  };

  const draw = (items) => {
    list.hidden = !items.length;
    list.replaceChildren(...items.map(line));
  };

  const line = (leader) => {
    const item = document.createElement("li");
    const coin = part("span", "coin");
    const sum = part("span", "sum", number(leader.coins));
    sum.prepend(coin);
    item.append(part("span", "place", String(leader.rank)), part("b", "", leader.from ? leader.from.name : anonymous), sum);
    return item;
  };

  return {
    show(other) {
      live = other;
      list.hidden = true;
      load();
    },
    touch() {
      timer ||= setTimeout(load, AGAIN_MS);
    },
  };
}

function part(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
