// One-letter keys. Never while typing, never with a dialog open, and they can be switched off in their own list.
(() => {
  const list = document.getElementById("keys");
  const isOn = document.getElementById("keys-on");
  const board = document.body.dataset.board;
  try { isOn.checked = localStorage.getItem("desk.keys") !== "off"; } catch { /* private mode: on */ }
  isOn.addEventListener("change", () => { try { localStorage.setItem("desk.keys", isOn.checked ? "on" : "off"); } catch { /* same */ } });
  document.getElementById("keys-open").addEventListener("click", () => list.showModal());

  const cards = () => [...document.querySelectorAll("#cards > article:not([hidden])")];
  const here = () => document.activeElement?.closest?.("article");
  const newestWith = (part) => cards().find((card) => card.querySelector(part));
  const press = (card, part) => card?.querySelector(part)?.click();

  function step(by) {
    const all = cards();
    const at = all.indexOf(here());
    all.at(at < 0 ? (by > 0 ? 0 : -1) : Math.min(Math.max(at + by, 0), all.length - 1))?.focus();
  }

  const CODE = '[data-copies="code"] [data-copy]';
  const NUMBER = '[data-copies="number"] [data-copy]';
  const deeds = {
    b: () => { const { buy } = document.body.dataset; if (buy) location.assign(buy); },
    "/": () => { const find = document.querySelector('[name="find"]'); find ? find.focus() : location.assign(board); },
    m: () => document.querySelector('#filters [name="who"]:not(:checked)')?.click(),
    j: () => step(1),
    k: () => step(-1),
    c: () => press(here() ?? newestWith(".state-received, " + CODE), CODE),
    n: () => press(here() ?? newestWith(NUMBER), NUMBER),
    x: () => press(here(), '[data-key="x"]'),
    s: () => press(here(), '[data-key="s"]'),
    d: () => press(here(), '[data-key="d"]'),
    "?": () => list.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, select, textarea, [contenteditable], dialog[open], .menu");
    if (!isOn.checked || isTyping || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const deed = deeds[event.key];
    if (!deed || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    deed();
  });
})();
