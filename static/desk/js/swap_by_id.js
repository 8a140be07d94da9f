// The htmx extension for hx-swap="by-id": each fragment has one root with an id, and replaces the element with that id.
// The content of the dialog also opens the dialog; a card that answers a request of the dialog closes it.
(() => {
  const { morph, updateCard, updateBoard, dialog, openDialog, finishPurchase } = window.desk;
  const focusFirstError = (node) => node.querySelector('[aria-invalid="true"]')?.focus();

  function swapDialog(fresh) {
    const body = morph(document.getElementById("dialog-body"), fresh);
    htmx.process(body);
    const bought = body.querySelector("[data-bought]");
    if (bought) finishPurchase(bought.dataset.bought, bought.textContent.trim());
    else openDialog();
    focusFirstError(body);
  }

  /** The id of the list item to focus if the one with the focus is removed; "" if no item has the focus. */
  function nextItem(list) {
    const item = document.activeElement.closest("li[id]");
    return list.contains(item) ? (item.nextElementSibling ?? item.previousElementSibling ?? list).id : "";
  }

  function swapElement(old, fresh) {
    const next = nextItem(old);
    const node = morph(old, fresh);
    htmx.process(node);
    const hasLostFocus = document.activeElement === document.body;
    if (next && hasLostFocus) document.getElementById(next)?.querySelector("button")?.focus();
    focusFirstError(node);
  }

  function swap(fresh, requestedAt) {
    if (fresh.matches("article")) {
      if (dialog.open) dialog.close();
      updateCard(fresh);
    } else if (fresh.id === "board") updateBoard(fresh, requestedAt);
    else if (fresh.id === "dialog-body") swapDialog(fresh);
    else {
      const old = document.getElementById(fresh.id);
      if (old) swapElement(old, fresh);
      else if (fresh.dataset.page) location.assign(fresh.dataset.page); // not on this page: go to the page it is on
    }
  }

  htmx.defineExtension("swap-by-id", {
    handleSwap(style, _target, fragment) {
      if (style !== "by-id") return false;
      for (const root of [...fragment.children]) swap(root, performance.now());
      return true;
    },
  });
})();
