// The form of the Buy page: after the service comes the country, and after both the offers of the servers.
(() => {
  const form = document.getElementById("buy-form");
  if (!form) return;
  const { fields, setOption, openList, keyOf } = window.desk.combobox;
  const [service, country] = fields;
  let focusedAtChoice = null; // where the focus was at the last choice; if it is still there, it moves to the offers

  function continueAfterChoice(isByUser) {
    const empty = fields.find((field) => !keyOf(field));
    focusedAtChoice = isByUser && !empty ? document.activeElement : null;
    if (empty && isByUser) empty.input.focus();
    if (!empty) fetchOffers();
  }

  /** Fetch the offers. The address contains the choice, so that it can be shared and survives a reload. */
  function fetchOffers() {
    const choice = new URLSearchParams({ service: keyOf(service), country: keyOf(country) });
    history.replaceState(history.state, "", `?${choice}`);
    htmx.trigger("#offers", "pair-chosen");
  }

  function focusOffers() {
    if (!focusedAtChoice) return;
    const next =
      document.querySelector('#offers :is([type="radio"]:checked, [data-show-countries])') ??
      document.querySelector('#offers [type="radio"]');
    const hasMoved = document.activeElement !== focusedAtChoice;
    if (hasMoved || next) focusedAtChoice = null;
    if (!focusedAtChoice) next?.focus();
  }

  form.addEventListener("desk:option-chosen", ({ detail }) => continueAfterChoice(detail.isByUser));
  form.addEventListener("input", () => {
    focusedAtChoice = null;
  });
  form.addEventListener("click", (event) => {
    const pair = event.target.closest("[data-pair]");
    if (pair && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      setOption(service, pair.dataset.service, pair.dataset.serviceName);
      setOption(country, pair.dataset.country, pair.dataset.countryName);
      continueAfterChoice(true);
    }
    if (event.target.closest("[data-show-countries]")) {
      setOption(country, "", "");
      country.input.focus();
      openList(country);
    }
  });

  document.addEventListener("htmx:configRequest", ({ detail: { elt, parameters } }) => {
    if (elt !== form && elt.id !== "offers") return;
    for (const field of fields) if (keyOf(field)) parameters[field.name] = keyOf(field);
    if (!fields.every(keyOf)) delete parameters.offer; // it belongs to the previous choice
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id === "offers") focusOffers();
    if (detail.target.id === "favourite") htmx.trigger("#pairs", "favourite-changed");
  });
})();
