// A row of tabs, as arrow keys know it: one is chosen, and only that one stands in the order of the Tab key.

const STEPS = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

/** `onChoose(tab)` is called for every choice; gives `choose(tab)`. The first one that is selected is so to begin with. */
export function makeTabs(row, onChoose) {
  const tabs = [...row.querySelectorAll("[role=tab]")];

  const mark = (chosen) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
    }
    const panel = document.getElementById(chosen.getAttribute("aria-controls"));
    panel?.setAttribute("aria-labelledby", chosen.id);
  };

  const choose = (tab) => {
    mark(tab);
    onChoose(tab);
  };

  for (const tab of tabs) tab.addEventListener("click", () => choose(tab));
  row.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const at = tabs.indexOf(event.target);
    const next = tabs[Math.min(Math.max(at + step, 0), tabs.length - 1)];
    next.focus();
    choose(next);
  });
  mark(tabs.find((tab) => tab.getAttribute("aria-selected") === "true") ?? tabs[0]);
  return { choose, first: tabs[0] };
}
