// Which of the board's cards are shown. The whole board is on the page; the choice stands in the address, so it can be shared.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const me = document.body.dataset.user;
  const digits = (text) => text.replace(/\D/g, "");

  const isFound = (card, find) => {
    const text = card.dataset.find.toLowerCase();
    const number = /^[\d\s()+.-]+$/.test(find) && digits(find);
    return text.includes(find) || Boolean(number && digits(text).includes(number));
  };

  function apply() {
    const { who, status, find } = form.elements;
    const words = find.value.trim().toLowerCase();
    const cards = [...document.querySelectorAll("#cards > article")];
    for (const card of cards) {
      const { owner, state } = card.dataset;
      const isShown = (who.value !== "mine" || owner === me) && (!status.value || status.value.split(" ").includes(state));
      card.hidden = !isShown || !isFound(card, words);
    }
    document.querySelector('[data-count="mine"]').textContent = cards.filter((card) => card.dataset.owner === me).length;
    document.querySelector('[data-count="everyone"]').textContent = cards.length;
    document.getElementById("board-nomatch").hidden = !cards.length || cards.some((card) => !card.hidden);
  }

  function keep() {
    const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    history.replaceState(history.state, "", chosen.size ? `?${chosen}` : location.pathname);
    apply();
  }

  function restore() {
    const chosen = new URLSearchParams(location.search);
    for (const name of ["who", "status", "find"]) if (chosen.has(name)) form.elements[name].value = chosen.get(name);
    if (form.elements.status.selectedIndex < 0) form.elements.status.selectedIndex = 0;
    apply();
  }

  form.addEventListener("input", keep);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("filters-clear").addEventListener("click", () => {
    form.reset();
    keep();
    form.elements.find.focus();
  });
  document.addEventListener("desk:cards", apply);
  restore();
})();
