// A field that is there to be copied: its text is chosen when it gets the focus, and a button copies it.
for (const button of document.querySelectorAll("[data-copy-field]")) {
  const field = document.getElementById(button.dataset.copyField);
  field.addEventListener("focus", () => field.select());
  field.select();
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    const isDone = window.isSecureContext ? await navigator.clipboard.writeText(field.value).then(() => true, () => false) : document.execCommand("copy");
    button.textContent = isDone ? "Copied" : "Could not copy: press Ctrl+C";
  });
}
