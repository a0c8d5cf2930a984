// Who gave most, with what it is worth to the creator.

import { asShare } from "./feed.js";

/** Draw the list; `fans` as the API tells them. */
export function drawFans(list, fans, anonymous) {
  if (!fans.length) {
    const nobody = document.createElement("li");
    nobody.className = "quiet";
    nobody.textContent = list.dataset.wordsEmpty;
    list.replaceChildren(nobody);
    return;
  }
  list.replaceChildren(...fans.map((fan, index) => line(list, fan, index, anonymous)));
}

function line(list, fan, index, anonymous) {
  const item = document.createElement("li");
  const name = part("span", "cut", fan.from ? fan.from.name : anonymous);
  const gifts = part("span", "quiet small", list.dataset.wordsGifts.replace("{num}", fan.gifts.toLocaleString(document.documentElement.lang)));
  const words = part("span", "grow");
  words.append(name, gifts);
  const sum = part("span", "line-sum");
  sum.append(part("span", "coins", fan.coins.toLocaleString(document.documentElement.lang)), part("span", "money", asShare(fan.creator_share)));
  item.append(part("span", "number quiet place", String(index + 1)), face(fan.from), words, sum);
  return item;
}

function face(person) {
  const circle = part("span", "avatar");
  if (!person?.picture_url) {
    circle.textContent = (person?.name ?? "?").slice(0, 1);
    return circle;
  }
  const image = document.createElement("img");
  image.src = person.picture_url;
  image.alt = "";
  image.referrerPolicy = "no-referrer";
  circle.append(image);
  return circle;
}

function part(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
