// The cards of the board: adds, updates and removes them. A card never goes back to an older version of itself.
(() => {
  const { updateTimes, morph, showMessage } = window.desk;
  const updatedAt = new WeakMap(); // card -> performance.now()

  /** Put a card on the page, unless a newer version is there. Returns the card on the page, or null. */
  function updateCard(fresh, { isFromStream = false } = {}) {
    const old = document.getElementById(fresh.id);
    const cards = document.getElementById("cards");
    if ("removed" in fresh.dataset) {
      if (old && cards?.contains(old)) remove(old);
      return null;
    }
    if (!old) return cards ? add(cards, fresh) : null;
    const [oldVersion, version] = [Number(old.dataset.version), Number(fresh.dataset.version)];
    const hasNotice = old.querySelector("[data-notice]"); // only the answer to the member's own request has one
    if (version < oldVersion || (isFromStream && version === oldVersion && hasNotice)) return old;
    const codesBefore = Number(old.dataset.codes);
    const card = morph(old, fresh);
    updatedAt.set(card, performance.now());
    announce(card);
    if (Number(card.dataset.codes) > codesBefore) {
      document.dispatchEvent(new CustomEvent("desk:code-received", { detail: { card } }));
    }
    htmx.trigger(card, "desk:card-updated");
    return card;
  }

  function add(cards, fresh) {
    cards.prepend(fresh);
    updatedAt.set(fresh, performance.now());
    updateTimes(fresh);
    announce(fresh);
    htmx.trigger(fresh, "desk:card-updated");
    return fresh;
  }

  function remove(card) {
    const next = card.nextElementSibling ?? card.previousElementSibling;
    const hadFocus = card.contains(document.activeElement);
    card.remove();
    if (hadFocus) next?.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("desk:cards-changed"));
  }

  function announce(card) {
    htmx.process(card);
    const notice = card.querySelector("[data-notice]");
    if (notice) showMessage(notice.textContent.trim(), { seconds: 8 });
    document.dispatchEvent(new CustomEvent("desk:cards-changed"));
  }

  /** Update all cards from a board that was requested at `requestedAt`. Cards updated since then are newer and stay. */
  function updateBoard(fresh, requestedAt) {
    const cards = document.getElementById("cards");
    const received = [...fresh.querySelectorAll("#cards > article")];
    const ids = received.map((card) => card.id);
    for (const card of [...cards.children]) {
      if (!ids.includes(card.id) && (updatedAt.get(card) ?? 0) < requestedAt) remove(card);
    }
    for (const card of received.reverse()) updateCard(card, { isFromStream: true });
    sort(cards, ids);
  }

  /** Sort the cards like `ids`, unless the pointer or the focus is on one: it must not move away. */
  function sort(cards, ids) {
    if (cards.matches(":hover, :focus-within")) return;
    const shown = [...cards.children].map((card) => card.id).filter((id) => ids.includes(id));
    if (shown.join() === ids.join()) return;
    for (const id of ids) cards.append(document.getElementById(id));
  }
  Object.assign(window.desk, { updateCard, updateBoard });
})();
