// A gift of the tray, to be chosen, and how it leaves when it is sent.

import { tellMoney } from "./worth.js";

const FLIGHT_MS = 620;

/** A gift as one of the tray's choices; `words` has the words for coins, and for less than one minor unit. */
export function drawGift(gift, art, { isChosen, words, onChoose }) {
  const choice = document.createElement("input");
  choice.type = "radio";
  choice.name = "gift";
  choice.value = gift.id;
  choice.checked = isChosen;
  choice.addEventListener("change", onChoose);
  const image = document.createElement("img");
  image.src = art(gift);
  image.alt = "";
  image.loading = "lazy";
  const price = line("span", gift.price_coins.toLocaleString(document.documentElement.lang), "coins");
  price.append(line("span", ` ${gift.price_coins === 1 ? words.wordsCoin : words.wordsCoins}`, "unseen"));
  const card = document.createElement("label");
  card.className = "tray-gift";
  card.dataset.gift = gift.id;
  card.append(choice, image, line("b", gift.name), price);
  card.append(line("span", tellMoney(gift.worth, "{money}", words.wordsLess), "money"));
  return card;
}

function line(tag, text, className = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** The gift leaves the button towards the stage, at once: who sends shouldn't have to wait for the house. */
export function fly(button, picture) {
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const image = document.createElement("img");
  image.src = picture;
  image.alt = "";
  image.className = "tray-flying";
  button.append(image);
  const side = (Math.random() - 0.5) * 80;
  image
    .animate(
      [
        { transform: "translate(-50%, 0) scale(0.4)", opacity: 0 },
        { transform: `translate(calc(-50% + ${side * 0.4}px), -70px) scale(1.1)`, opacity: 1, offset: 0.35 },
        { transform: `translate(calc(-50% + ${side}px), -260px) scale(0.7)`, opacity: 0 },
      ],
      { duration: FLIGHT_MS, easing: "cubic-bezier(0.2, 0.7, 0.3, 1)" },
    )
    .finished.finally(() => image.remove());
}
