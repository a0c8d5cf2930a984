// What the API says, in the language of the page: the API speaks English, and the pages' catalogue knows its sentences.

const NAME = /\{(\w+)\}/;
let pairs = null;

/** The sentence as this page's reader understands it; as it came, where that isn't known. */
export async function plain(sentence) {
  const source = document.querySelector("meta[name=sentences]")?.content;
  if (!source || !sentence) return sentence;
  try {
    pairs ??= load(source);
    return translate(sentence, await pairs);
  } catch {
    pairs = null;
    return sentence;
  }
}

async function load(source) {
  const answer = await fetch(source);
  if (!answer.ok) throw new TypeError(answer.statusText);
  return (await answer.json()).map(([english, translated]) => ({ pattern: shape(english), translated }));
}

// Splitting by a pattern with a group gives the names at odd places.
function shape(english) {
  const parts = english.split(new RegExp(NAME, "g"));
  const written = parts.map((part, place) => (place % 2 ? `(?<${part}>.+)` : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  return new RegExp(`^${written.join("")}$`, "s");
}

function translate(sentence, known) {
  for (const { pattern, translated } of known) {
    const found = pattern.exec(sentence);
    if (found) return translated.replace(new RegExp(NAME, "g"), (_, name) => part(found.groups[name], known));
  }
  return sentence;
}

function part(text, known) {
  const isThousands = /^\d{1,3}(,\d{3})+$/.test(text);
  return isThousands ? Number(text.replaceAll(",", "")).toLocaleString(document.documentElement.lang) : translate(text, known);
}
