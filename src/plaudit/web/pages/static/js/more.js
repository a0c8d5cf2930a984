// Lists that go on: "Show older" brings the next page's items into this one.

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-more]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.getAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  const list = link.closest("[data-list]");
  try {
    const answer = await fetch(link.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new TypeError("not a page of this list");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const items = [...(page.querySelector("[data-items]")?.children ?? [])];
    const shown = list.querySelector("[data-items]");
    // Older messages go on top, and what one reads stays where it is.
    const below = shown.parentElement.scrollHeight - shown.parentElement.scrollTop;
    if (link.dataset.more === "before") shown.prepend(...items);
    else shown.append(...items);
    const next = page.querySelector("a[data-more]");
    if (next) link.replaceWith(next);
    else link.remove();
    document.dispatchEvent(new CustomEvent("more", { detail: items }));
    if (next?.dataset.more === "before" || link.dataset.more === "before") {
      shown.parentElement.scrollTop = shown.parentElement.scrollHeight - below;
    } else {
      items[0]?.querySelector("a")?.focus({ preventScroll: true });
    }
  } catch {
    location.assign(link.href);
  }
});
