// The console: what a keyboard and a mouse can do faster than the plain page. Everything works without it.

// Ctrl+K or ⌘K: to the search of this page.
const search = document.querySelector("[data-search]");
document.addEventListener("keydown", (event) => {
  if (search && event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

// In a list the arrow keys go from row to row.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target.closest?.("[data-items] > *");
  if (!step || !row || event.target.matches("input, select, textarea")) return;
  let next = row;
  do {
    next = step > 0 ? next.nextElementSibling : next.previousElementSibling;
  } while (next && !next.querySelector("a, button, summary"));
  if (!next) return;
  event.preventDefault();
  next.querySelector("a, button, summary").focus();
});

// What opened for a second thought closes again with Escape, or with a click elsewhere.
const close = (details) => {
  details.open = false;
  details.querySelector("summary").focus({ preventScroll: true });
};
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target.closest?.("details.reveal[open], details.side-bar[open]");
  if (open) close(open);
});
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.reveal[open]")) if (!open.contains(event.target)) open.open = false;
});

// How the new gift will look, and a slug from its name until somebody writes one.
const form = document.querySelector("[data-new-gift]");
if (form) {
  const picture = form.querySelector("[data-preview]");
  const { art, name, id } = form.elements;
  art.addEventListener("change", () => {
    URL.revokeObjectURL(picture.src);
    const [file] = art.files;
    picture.hidden = !file;
    form.querySelector("[data-no-preview]").hidden = Boolean(file);
    if (file) picture.src = URL.createObjectURL(file);
  });
  const slugOf = (text) =>
    text
      .normalize("NFD")
      .toLowerCase()
      .replace(/[\u0300-\u036f]/g, "")
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^[^a-z]+|_+$/g, "")
      .slice(0, 40);
  let isOwn = Boolean(id.value);
  id.addEventListener("input", () => (isOwn = Boolean(id.value)));
  name.addEventListener("input", () => {
    if (!isOwn) id.value = slugOf(name.value);
  });
}

// The pace of the demo: a slide that goes from one gift in ten seconds to two hundred in one, each step as a factor.
const slide = document.querySelector("[data-pace-slide]");
if (slide) {
  const { pace } = slide.form.elements;
  const follow = () => (slide.value = Math.log10(Number(pace.value) || 1));
  slide.hidden = false;
  follow();
  slide.addEventListener("input", () => {
    const wished = 10 ** Number(slide.value);
    pace.value = wished < 10 ? wished.toFixed(1) : Math.round(wished);
  });
  pace.addEventListener("input", follow);
}
