// Short messages about the result of an action, shown on screen and read aloud by screen readers.
(() => {
  const dialog = document.getElementById("dialog");
  const list = document.getElementById("toasts");
  const STORED = "desk.message";

  /** Show `text`. An open modal dialog hides the rest of the page, so it has its own status line. */
  function showMessage(text, { seconds = 4 } = {}) {
    if (dialog.open) {
      document.getElementById("dialog-status").textContent = text;
      return;
    }
    const message = document.createElement("p");
    message.className = "toast-message";
    message.textContent = text;
    list.append(message);
    while (list.childElementCount > 3) list.firstElementChild.remove();
    setTimeout(() => message.remove(), seconds * 1000);
  }

  /** Show `text` on the next page that this tab loads. */
  const showMessageOnNextPage = (text) => sessionStorage.setItem(STORED, text);

  const stored = sessionStorage.getItem(STORED);
  sessionStorage.removeItem(STORED);
  if (stored) showMessage(stored);
  for (const message of list.children) setTimeout(() => message.remove(), 6000);
  Object.assign(window.desk, { showMessage, showMessageOnNextPage });
})();
