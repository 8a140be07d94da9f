// The history's table: a click anywhere in a row expands it, as its button does.
document.addEventListener("click", (event) => {
  const row = event.target.closest(".history tbody tr:first-child");
  if (!row || event.target.closest("a, button, input, form") || String(getSelection())) return;
  row.querySelector("[aria-expanded]").click();
});
