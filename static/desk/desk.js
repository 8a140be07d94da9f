// The shell: messages, menus, dialogs, the tab's title.
(() => {
  const dialog = document.getElementById("dialog");
  const body = () => document.getElementById("dialog-body");
  const toasts = document.getElementById("toasts");
  let opener = null;

  /** Say the result of an action, aloud and on screen. An open modal hides what is outside, so it has its own place for words. */
  function say(text, { seconds = 4 } = {}) {
    if (dialog.open) {
      document.getElementById("dialog-live").textContent = text;
      return;
    }
    const line = document.createElement("p");
    line.className = "toast-line";
    line.textContent = text;
    toasts.append(line);
    while (toasts.childElementCount > 3) toasts.firstElementChild.remove();
    setTimeout(() => line.remove(), seconds * 1000);
  }

  // --- Menus
  const invoker = (menu) => document.querySelector(`[popovertarget="${menu.id}"]`);

  function placeMenu(menu) {
    const [button, own] = [invoker(menu).getBoundingClientRect(), menu.getBoundingClientRect()];
    const left = Math.min(Math.max(12, button.right - own.width), innerWidth - own.width - 12);
    const hasRoomBelow = button.bottom + own.height + 12 < innerHeight;
    menu.style.left = `${left}px`;
    menu.style.top = `${hasRoomBelow ? button.bottom + 4 : Math.max(12, button.top - own.height - 4)}px`;
  }

  const openMenus = () => document.querySelectorAll(".menu:popover-open");
  document.addEventListener("toggle", (event) => { if (event.newState === "open" && event.target.matches(".menu")) placeMenu(event.target); }, true);
  addEventListener("scroll", () => openMenus().forEach(placeMenu), { passive: true });
  addEventListener("resize", () => openMenus().forEach(placeMenu));
  document.addEventListener("click", (event) => event.target.closest(".menu-item")?.closest(".menu")?.hidePopover());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const menu = event.target.closest(".menu:popover-open") ?? [...openMenus()].find((open) => invoker(open) === event.target);
    if (!menu || event.target.matches('[type="radio"]')) return;
    const items = [...menu.querySelectorAll(".menu-item, input, .btn")].filter((item) => item.offsetParent !== null || item.getClientRects().length);
    const step = event.key === "ArrowDown" ? 1 : -1;
    items.at((items.indexOf(document.activeElement) + (step === -1 && !menu.contains(document.activeElement) ? 0 : step)) % items.length)?.focus();
    event.preventDefault();
  });

  // --- Dialogs
  function openDialog() {
    if (dialog.open) {
      const at = document.activeElement;
      const isAtWork = at !== dialog && dialog.contains(at) && !at.matches(".dialog-head [data-close]");
      if (!isAtWork) (dialog.querySelector("[autofocus]") ?? dialog.querySelector("[data-close]"))?.focus();
      return;
    }
    document.getElementById("dialog-live").textContent = "";
    dialog.showModal();
  }

  /** What gets the focus when the dialog is gone: the opener, the button of the menu that it was in, or its card. */
  function returnFocus() {
    if (!opener) return;
    const menu = opener.element.closest?.("[popover]");
    const target = menu ? invoker(menu) : opener.element;
    (target?.isConnected && target.getClientRects().length ? target : document.getElementById(opener.card))?.focus();
    opener = null;
  }

  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (!dialog.open && elt.matches("button, form")) opener = { element: elt, card: elt.closest?.("article")?.id };
  });
  dialog.addEventListener("close", () => {
    body().replaceChildren();
    returnFocus();
  });
  document.addEventListener("click", (event) => event.target.closest("[data-close]")?.closest("dialog").close());

  /** The purchase is complete: the dialog goes, and its first card comes into focus. */
  function showBought(pk, words) {
    opener = null;
    dialog.close();
    if (document.getElementById("cards")) {
      document.dispatchEvent(new CustomEvent("desk:bought", { detail: { card: `order-${pk}` } }));
      say(words);
      return;
    }
    sessionStorage.setItem("desk.words", words);
    location.assign(`${document.body.dataset.board}#order-${pk}`);
  }

  // --- What went wrong on the way
  const lost = (verb) => verb === "get" ? "The desk did not answer. Try again." : "The desk did not answer. Look at the board before you try again.";
  document.addEventListener("htmx:sendError", ({ detail }) => { if (!detail.elt.matches("#banner, [data-quiet]")) say(lost(detail.requestConfig?.verb)); });
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.elt.matches("#banner, [data-quiet]")) return;
    const isPlain = detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
    const words = {
      403: isPlain ? detail.xhr.responseText : "That is not allowed, or your session has changed. Reload the page.",
      404: "That order is not there any more, or not yours to change.",
      503: "The desk's database does not answer. Nothing was bought. Try again in a moment.",
    };
    say(words[detail.xhr.status] ?? lost(detail.requestConfig?.verb), { seconds: 8 });
  });

  // --- The tab: codes of mine that arrived while I looked elsewhere
  const unseen = new Set();
  const icon = document.querySelector('link[rel="icon"]');
  const title = document.title;
  function showUnseen() {
    document.title = unseen.size ? `(${unseen.size}) ${title}` : title;
    icon.href = unseen.size ? icon.dataset.code : icon.dataset.plain;
    if (unseen.size) navigator.setAppBadge?.(unseen.size)?.catch?.(() => {});
    else navigator.clearAppBadge?.()?.catch?.(() => {});
  }
  const isLooking = () => !document.hidden && document.hasFocus();
  function noticeCode(id) {
    if (isLooking()) return;
    unseen.add(id);
    showUnseen();
  }
  const seen = () => { if (isLooking() && unseen.size) { unseen.clear(); showUnseen(); } };
  addEventListener("focus", seen);
  document.addEventListener("visibilitychange", seen);

  // --- − 2 +
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const input = button.parentElement.querySelector("input");
    const before = input.value;
    input.stepUp(Number(button.dataset.step));
    if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Words and a card that the page before this one wanted shown, after a purchase on the Buy page
  const left = sessionStorage.getItem("desk.words");
  sessionStorage.removeItem("desk.words");
  if (left) say(left);
  if (location.hash.startsWith("#order-")) document.getElementById(location.hash.slice(1))?.focus();

  for (const line of toasts.children) setTimeout(() => line.remove(), 6000);
  Object.assign(window.desk, { say, openDialog, showBought, noticeCode, dialog });
})();
