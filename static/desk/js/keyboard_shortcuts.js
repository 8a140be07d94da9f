// One-letter keyboard shortcuts: not while typing, not while a dialog is open. Their list has a switch to turn them off.
(() => {
  const STORED = "desk.keys";
  const list = document.getElementById("keys");
  const enabled = document.getElementById("keys-on");
  const { boardUrl, buyUrl } = document.body.dataset;
  const CODE = '[data-copy-group="code"] [data-copy]';
  const NUMBER = '[data-copy-group="number"] [data-copy]';

  const cards = () => [...document.querySelectorAll("#cards > article:not([hidden])")];
  const focusedCard = () => document.activeElement?.closest?.("article");
  const newestWith = (selector) => cards().find((card) => card.querySelector(selector));
  const click = (card, selector) => card?.querySelector(selector)?.click();

  function focusCard(step) {
    const all = cards();
    const current = all.indexOf(focusedCard());
    if (current < 0) all.at(step > 0 ? 0 : -1)?.focus();
    else all.at(Math.min(Math.max(current + step, 0), all.length - 1)).focus();
  }

  function buy() {
    if (buyUrl) location.assign(buyUrl);
  }

  function find() {
    const field = document.querySelector('[name="find"]');
    if (field) field.focus();
    else location.assign(boardUrl);
  }

  const shortcuts = {
    b: buy,
    "/": find,
    m: () => document.querySelector('#filters [name="who"]:not(:checked)')?.click(),
    j: () => focusCard(1),
    k: () => focusCard(-1),
    c: () => click(focusedCard() ?? newestWith(`.state-received, ${CODE}`), CODE),
    n: () => click(focusedCard() ?? newestWith(NUMBER), NUMBER),
    x: () => click(focusedCard(), '[data-shortcut="x"]'),
    s: () => click(focusedCard(), '[data-shortcut="s"]'),
    d: () => click(focusedCard(), '[data-shortcut="d"]'),
    "?": () => list.showModal(),
  };

  try {
    enabled.checked = localStorage.getItem(STORED) !== "off";
  } catch {
    // the browser allows no storage: enabled, as the page has it
  }
  enabled.addEventListener("change", () => {
    try {
      localStorage.setItem(STORED, enabled.checked ? "on" : "off");
    } catch {
      // the browser allows no storage: applies to this page only
    }
  });
  document.getElementById("keys-open").addEventListener("click", () => list.showModal());

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, select, textarea, [contenteditable], dialog[open], .menu");
    if (!enabled.checked || isTyping || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const run = shortcuts[event.key];
    if (!run || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    run();
  });
})();
