// Number fields with a button for one fewer and one more.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const input = button.parentElement.querySelector("input");
  const before = input.value;
  input.stepUp(Number(button.dataset.step));
  if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
});
