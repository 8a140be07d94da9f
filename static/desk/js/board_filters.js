// Filters the board. All cards are on the page; the filters are kept in the address, so that a link contains them.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const userId = document.body.dataset.user;
  const digits = (text) => text.replace(/\D/g, "");

  function matchesText(card, query) {
    const text = card.dataset.find.toLowerCase();
    const number = /^[\d\s()+.-]+$/.test(query) && digits(query);
    return text.includes(query) || Boolean(number && digits(text).includes(number));
  }

  function apply() {
    const { who, status, find } = form.elements;
    const query = find.value.trim().toLowerCase();
    const cards = [...document.querySelectorAll("#cards > article")];
    const isMine = (card) => card.dataset.owner === userId;
    for (const card of cards) {
      const isOwnerShown = who.value !== "mine" || isMine(card);
      const isStatusShown = !status.value || status.value.split(" ").includes(card.dataset.state);
      card.hidden = !(isOwnerShown && isStatusShown && matchesText(card, query));
    }
    document.querySelector('[data-count="mine"]').textContent = cards.filter(isMine).length;
    document.querySelector('[data-count="everyone"]').textContent = cards.length;
    document.getElementById("board-nomatch").hidden = !cards.length || cards.some((card) => !card.hidden);
  }

  function saveToAddress() {
    const filters = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    history.replaceState(history.state, "", filters.size ? `?${filters}` : location.pathname);
    apply();
  }

  function restoreFromAddress() {
    const filters = new URLSearchParams(location.search);
    for (const name of ["who", "status", "find"]) {
      if (filters.has(name)) form.elements[name].value = filters.get(name);
    }
    if (form.elements.status.selectedIndex < 0) form.elements.status.selectedIndex = 0; // an unknown status
    apply();
  }

  form.addEventListener("input", saveToAddress);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("filters-clear").addEventListener("click", () => {
    form.reset();
    saveToAddress();
    form.elements.find.focus();
  });
  document.addEventListener("desk:cards-changed", apply);
  restoreFromAddress();
})();
