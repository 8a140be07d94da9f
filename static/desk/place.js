// hx-swap="place": every fragment has one root with an id, and goes where that id is. A card keeps its focus, its open menu
// and its newer version; the content of a dialog opens the dialog; a card as the answer to a dialog closes it.
(() => {
  const { draw, say, openDialog, showBought, dialog } = window.desk;
  const placedAt = new WeakMap();
  const morphing = {
    morphStyle: "outerHTML",
    callbacks: {
      beforeAttributeUpdated: (name) => name !== "style", // where desk.js placed an open menu
    },
  };

  /** What was chosen by hand stays chosen, as long as it is there to choose. */
  function keepChoices(old, fresh) {
    const kept = [...old.querySelectorAll("[data-by-hand], [type='radio']:checked:focus")];
    for (const { name, value, checked } of kept) {
      const same = [...fresh.querySelectorAll(`input[name="${name}"]`)].find((input) => input.value === value);
      if (!same) continue;
      same.checked = checked;
      same.dataset.byHand = "";
    }
  }

  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.('[type="radio"], [type="checkbox"]')) return;
    target.form?.querySelectorAll(`[name="${target.name}"]`).forEach((input) => delete input.dataset.byHand);
    target.dataset.byHand = "";
  });

  function morph(old, fresh) {
    keepChoices(old, fresh);
    // What is being typed stays. Idiomorph would spare whatever has the focus, a focused card's whole content too.
    const ignoreActiveValue = document.activeElement.matches("input, textarea, select");
    Idiomorph.morph(old, fresh, { ...morphing, ignoreActiveValue });
    const node = document.getElementById(fresh.id);
    draw(node);
    return node;
  }

  /** Put a card on the page, unless a newer one is there. Returns the card on the page, or null. */
  function placeCard(fresh, { isFromStream = false } = {}) {
    const old = document.getElementById(fresh.id);
    const cards = document.getElementById("cards");
    if ("gone" in fresh.dataset) {
      if (old && cards?.contains(old)) remove(old);
      return null;
    }
    if (!old) return cards ? insert(cards, fresh) : null;
    const [was, is] = [Number(old.dataset.version), Number(fresh.dataset.version)];
    if (is < was || (isFromStream && is === was && old.querySelector("[data-notice]"))) return old;
    const before = { ...old.dataset };
    const card = morph(old, fresh);
    placedAt.set(card, performance.now());
    tell(card, before);
    return card;
  }

  function insert(cards, fresh) {
    cards.prepend(fresh);
    placedAt.set(fresh, performance.now());
    draw(fresh);
    tell(fresh, null);
    return fresh;
  }

  function remove(card) {
    const next = card.nextElementSibling ?? card.previousElementSibling;
    const hadFocus = card.contains(document.activeElement);
    card.remove();
    if (hadFocus) next?.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("desk:cards"));
  }

  function tell(card, before) {
    htmx.process(card);
    const notice = card.querySelector("[data-notice]");
    if (notice) say(notice.textContent.trim(), { seconds: 8 });
    document.dispatchEvent(new CustomEvent("desk:cards"));
    const isNews = before && Number(card.dataset.codes) > Number(before.codes);
    if (isNews) document.dispatchEvent(new CustomEvent("desk:code", { detail: { card } }));
    htmx.trigger(card, "desk:card");
  }

  /** Bring the board up to date with a freshly fetched one. `asked`: when it was asked for; a card placed since is newer. */
  function placeBoard(fresh, asked) {
    const cards = document.getElementById("cards");
    const arrived = [...fresh.querySelectorAll("#cards > article")];
    const ids = arrived.map((card) => card.id);
    for (const card of [...cards.children]) {
      if (!ids.includes(card.id) && (placedAt.get(card) ?? 0) < asked) remove(card);
    }
    arrived.reverse().forEach((card) => placeCard(card, { isFromStream: true }));
    const isCalm = !cards.matches(":hover, :focus-within");
    const shown = [...cards.children].map((card) => card.id).filter((id) => ids.includes(id));
    if (isCalm && shown.join() !== ids.join()) ids.forEach((id) => cards.append(document.getElementById(id)));
  }

  function placeInDialog(fresh) {
    morph(document.getElementById("dialog-body"), fresh);
    const node = document.getElementById("dialog-body");
    htmx.process(node);
    const done = node.querySelector("[data-bought]");
    if (done) showBought(done.dataset.bought, done.textContent.trim());
    else openDialog();
    node.querySelector('[aria-invalid="true"]')?.focus();
    return node;
  }

  /** The item of a list to go to, should the one that has the focus be gone. */
  function neighbour(old) {
    const item = document.activeElement.closest("li[id]");
    return old.contains(item) ? (item.nextElementSibling ?? item.previousElementSibling ?? old).id : "";
  }

  function place(fresh, asked) {
    if (fresh.matches("article")) {
      if (dialog.open) dialog.close();
      return placeCard(fresh);
    }
    if (fresh.id === "board") return placeBoard(fresh, asked);
    if (fresh.id === "dialog-body") return placeInDialog(fresh);
    const old = document.getElementById(fresh.id);
    if (old) {
      const next = neighbour(old);
      const node = morph(old, fresh);
      htmx.process(node);
      if (next && document.activeElement === document.body) document.getElementById(next)?.querySelector("button")?.focus();
      node.querySelector('[aria-invalid="true"]')?.focus();
    } else if (fresh.dataset.page) location.assign(fresh.dataset.page); // it has a page of its own
  }

  htmx.defineExtension("place", {
    handleSwap(style, _target, fragment) {
      if (style !== "place") return false;
      for (const root of [...fragment.children]) place(root, performance.now());
      return true;
    },
  });
  Object.assign(window.desk, { placeCard, placeBoard });
})();
