// Copying numbers and codes, also over plain HTTP, where browsers have no async clipboard.
(() => {
  const { say } = window.desk;
  const KEY = "desk.copy-format";
  const remembered = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const remember = (format) => { try { localStorage.setItem(KEY, format); } catch { /* private mode: once only */ } };

  function copyOldWay(text) {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden";
    field.setAttribute("aria-hidden", "true");
    const place = document.querySelector("dialog[open]") ?? document.body;
    const before = document.activeElement;
    place.append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    before?.focus?.({ preventScroll: true });
    return isDone;
  }

  async function copyText(text) {
    if (window.isSecureContext && navigator.clipboard) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch { /* refused: the old way may still work */ }
    }
    return copyOldWay(text);
  }

  function confirm(button) {
    const label = button.querySelector("[data-label]");
    const was = label?.textContent;
    if (!label || was === "Copied") return;
    label.textContent = "Copied";
    setTimeout(() => { if (label.textContent === "Copied") label.textContent = was; }, 1500);
  }

  /** The number as this member last wanted it. An item of the menu of formats is its own choice. */
  function textOf(button) {
    const chosen = `[data-format="${remembered() ?? "international"}"]`;
    const format = button.dataset.format ? button : button.closest('[data-copies="number"]')?.querySelector(chosen);
    return format?.querySelector("bdi").textContent ?? button.dataset.copy;
  }

  async function copy(button) {
    if (button.dataset.format) remember(button.dataset.format);
    if (!await copyText(textOf(button))) {
      say("Could not copy, select it instead.", { seconds: 8 });
      return;
    }
    say("Copied");
    confirm(button);
    if (button.dataset.copied) htmx.ajax("POST", button.dataset.copied, { source: document.body, swap: "none" });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-format]");
    if (button) copy(button);
    const standIn = event.target.closest("[data-press]"); // an item of the ⋯ menu, for the hidden button in the card
    if (standIn) copy(standIn.closest("article").querySelector(`[data-copies="${standIn.dataset.press}"] [data-copy]`));
  });
  document.addEventListener("toggle", (event) => {
    for (const item of event.target.querySelectorAll?.("[data-format]") ?? []) {
      item.setAttribute("aria-current", String(item.dataset.format === (remembered() ?? "international")));
    }
  }, true);
})();
