// The page's modal dialog: opens and closes it, and returns the focus afterwards.
(() => {
  const { menuButtonOf, showMessage, showMessageOnNextPage } = window.desk;
  const dialog = document.getElementById("dialog");
  let opener = null; // the element that opened the dialog, and the id of its card

  function openDialog() {
    if (dialog.open) {
      const focused = document.activeElement;
      const isInUse = focused !== dialog && dialog.contains(focused) && !focused.matches(".dialog-head [data-close]");
      if (!isInUse) (dialog.querySelector("[autofocus]") ?? dialog.querySelector("[data-close]"))?.focus();
      return;
    }
    document.getElementById("dialog-status").textContent = "";
    dialog.showModal();
  }

  /** Focus the opener, or the button of the menu that contains it; if neither is visible, its card. */
  function returnFocus() {
    if (!opener) return;
    const menu = opener.element.closest?.("[popover]");
    const target = menu ? menuButtonOf(menu) : opener.element;
    const isVisible = target?.isConnected && target.getClientRects().length;
    (isVisible ? target : document.getElementById(opener.card))?.focus();
    opener = null;
  }

  /** Close the dialog after a complete purchase, and focus the first card that was bought. */
  function finishPurchase(pk, message) {
    opener = null;
    dialog.close();
    if (document.getElementById("cards")) {
      document.dispatchEvent(new CustomEvent("desk:purchase-finished", { detail: { card: `order-${pk}` } }));
      showMessage(message);
      return;
    }
    showMessageOnNextPage(message);
    location.assign(`${document.body.dataset.boardUrl}#order-${pk}`);
  }

  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (!dialog.open && elt.matches("button, form")) opener = { element: elt, card: elt.closest?.("article")?.id };
  });
  dialog.addEventListener("close", () => {
    document.getElementById("dialog-body").replaceChildren();
    returnFocus();
  });
  document.addEventListener("click", (event) => event.target.closest("[data-close]")?.closest("dialog").close());

  // A purchase on the Buy page ends on the board, at the card of the first order
  if (location.hash.startsWith("#order-")) document.getElementById(location.hash.slice(1))?.focus();
  Object.assign(window.desk, { dialog, openDialog, finishPurchase });
})();
