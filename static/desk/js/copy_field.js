// A read-only field whose text is meant to be copied: selects it on focus, and copies it with a button.
for (const button of document.querySelectorAll("[data-copy-field]")) {
  const field = document.getElementById(button.dataset.copyField);

  async function copyText() {
    if (!window.isSecureContext) return document.execCommand("copy"); // browsers offer `clipboard` over https only
    return navigator.clipboard.writeText(field.value).then(
      () => true,
      () => false,
    );
  }

  field.addEventListener("focus", () => field.select());
  field.select();
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    button.textContent = (await copyText()) ? "Copied" : "Could not copy: press Ctrl+C";
  });
}
