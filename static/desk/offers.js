// The button of the dialog that switches servers names the server of the chosen offer.
(() => {
  function nameServer() {
    const name = document.querySelector("[data-offer-server]");
    const chosen = name?.closest("form").querySelector('[name="offer"]:checked');
    if (chosen) name.textContent = `server ${chosen.dataset.server}`;
  }
  document.addEventListener("change", nameServer);
  document.addEventListener("htmx:afterSwap", nameServer);
  nameServer();
})();
