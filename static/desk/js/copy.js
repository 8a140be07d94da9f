// Copies numbers and codes, also over plain http, where browsers offer no `navigator.clipboard`.
(() => {
  const { showMessage } = window.desk;
  const STORED = "desk.copy-format";
  const DEFAULT = "international";

  function preferredFormat() {
    try {
      return localStorage.getItem(STORED) ?? DEFAULT;
    } catch {
      return DEFAULT;
    }
  }

  function setPreferredFormat(format) {
    try {
      localStorage.setItem(STORED, format);
    } catch {
      // the browser allows no storage: the format applies to this copy only
    }
  }

  function copyBySelection(text) {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden";
    field.setAttribute("aria-hidden", "true");
    const parent = document.querySelector("dialog[open]") ?? document.body; // outside a modal nothing can be selected
    const focused = document.activeElement;
    parent.append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    focused?.focus?.({ preventScroll: true });
    return isDone;
  }

  async function copyText(text) {
    if (window.isSecureContext && navigator.clipboard) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        // not permitted: a selection can still be copied
      }
    }
    return copyBySelection(text);
  }

  function confirmOn(button) {
    const label = button.querySelector("[data-label]");
    const text = label?.textContent;
    if (!label || text === "Copied") return;
    label.textContent = "Copied";
    setTimeout(() => {
      if (label.textContent === "Copied") label.textContent = text;
    }, 1500);
  }

  /** A number in the preferred format; an item of the menu of formats has its own. */
  function textOf(button) {
    const preferred = `[data-format="${preferredFormat()}"]`;
    const item = button.dataset.format
      ? button
      : button.closest('[data-copy-group="number"]')?.querySelector(preferred);
    return item?.querySelector("bdi").textContent ?? button.dataset.copy;
  }

  async function copy(button) {
    if (button.dataset.format) setPreferredFormat(button.dataset.format);
    if (!(await copyText(textOf(button)))) {
      showMessage("Could not copy, select it instead.", { seconds: 8 });
      return;
    }
    showMessage("Copied");
    confirmOn(button);
    const { copiedUrl } = button.dataset;
    if (copiedUrl) htmx.ajax("POST", copiedUrl, { source: document.body, swap: "none" });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-format]");
    if (button) copy(button);
    const item = event.target.closest("[data-copy-from]"); // in the card's menu: the card's own button is hidden
    if (item) copy(item.closest("article").querySelector(`[data-copy-group="${item.dataset.copyFrom}"] [data-copy]`));
  });
  document.addEventListener(
    "toggle",
    (event) => {
      for (const item of event.target.querySelectorAll?.("[data-format]") ?? []) {
        item.setAttribute("aria-current", String(item.dataset.format === preferredFormat()));
      }
    },
    true, // "toggle" does not bubble
  );
})();
