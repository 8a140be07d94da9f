// The dialog "Switch server": its submit button names the server of the selected offer.
(() => {
  function nameServer() {
    const label = document.querySelector("[data-offer-server]");
    const selected = label?.closest("form").querySelector('[name="offer"]:checked');
    if (selected) label.textContent = `server ${selected.dataset.server}`;
  }
  document.addEventListener("change", nameServer);
  document.addEventListener("htmx:afterSwap", nameServer);
  nameServer();
})();
