// Who gave most: faces in the head, and the whole list in a sheet.

import { ask } from "../ask.js";
import { makeTabs } from "../tabs.js";
import { tellProblem } from "../toast.js";
import { costOf, tellMoney } from "./worth.js";

const AGAIN_MS = 8_000;

/** The leaders of a room; `prices` say what coins cost now, and may be missing. `touch()` says that gifts came, so that the faces are asked for again before long. */
export function makeLeaders(room, live, prices) {
  const faces = room.querySelector(".leaders-faces");
  const sheet = room.querySelector("#leaders");
  const list = sheet.querySelector(".leaders-list");
  let timer = 0;

  const drawFaces = (leaders) => faces.replaceChildren(...leaders.slice(0, 3).map((leader) => face(leader.from)));

  const drawList = (leaders) => {
    if (!leaders.length) {
      const nobody = document.createElement("li");
      nobody.className = "quiet";
      nobody.textContent = list.dataset.wordsEmpty;
      list.replaceChildren(nobody);
      return;
    }
    list.replaceChildren(...leaders.map(drawLine));
  };

  const drawLine = (leader, index) => {
    const item = document.createElement("li");
    const place = document.createElement("span");
    place.className = "leaders-place number";
    place.textContent = index + 1;
    const name = document.createElement("span");
    name.className = "grow";
    name.textContent = leader.from ? leader.from.name : list.dataset.wordsAnonymous;
    const coins = document.createElement("span");
    coins.className = "coins";
    coins.textContent = leader.coins.toLocaleString(document.documentElement.lang);
    const sum = document.createElement("span");
    sum.className = "leaders-sum";
    sum.append(coins);
    if (prices) sum.append(money(leader.coins));
    item.append(place, face(leader.from), name, sum);
    return item;
  };

  const money = (coins) => {
    const words = document.createElement("span");
    words.className = "money small";
    words.textContent = tellMoney(costOf(prices, coins), list.dataset.wordsMoney, list.dataset.wordsMoney);
    return words;
  };

  const load = async (span) => (await ask(`GET /v1/lives/${live}/leaderboard?span=${span}`)).items;

  const touch = () => {
    timer ||= setTimeout(async () => {
      timer = 0;
      try {
        drawFaces(await load("live"));
      } catch {
        // The faces stay as they are; the next gift asks again.
      }
    }, AGAIN_MS * (0.5 + Math.random()));
  };

  const tabs = makeTabs(sheet.querySelector("[role=tablist]"), async (tab) => {
    try {
      drawList(await load(tab.dataset.span));
    } catch (problem) {
      tellProblem(problem);
    }
  });
  sheet.querySelector("[data-close-dialog]").addEventListener("click", () => sheet.close());
  // A tap beside the sheet is a tap on the dialog itself.
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  room.querySelector("[data-open=leaders]").addEventListener("click", () => {
    sheet.showModal();
    tabs.choose(tabs.first);
  });
  return { touch, drawFaces };
}

function face(person) {
  const circle = document.createElement("span");
  circle.className = "avatar";
  if (person?.picture_url) {
    const image = document.createElement("img");
    image.src = person.picture_url;
    image.alt = "";
    image.referrerPolicy = "no-referrer";
    circle.append(image);
  } else {
    circle.textContent = (person?.name ?? "?").slice(0, 1);
  }
  return circle;
}
