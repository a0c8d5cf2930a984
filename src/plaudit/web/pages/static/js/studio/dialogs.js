// Sheets that a button opens and another closes.

for (const button of document.querySelectorAll("[data-open-dialog]")) {
  button.addEventListener("click", () => document.getElementById(button.dataset.openDialog).showModal());
}
for (const button of document.querySelectorAll("[data-close-dialog]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
// A click beside a sheet closes it.
for (const sheet of document.querySelectorAll("dialog.sheet")) {
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
}
