// The Buy page: one choice leads to the next, from the service to the country to the offers.
(() => {
  const form = document.getElementById("buy-form");
  if (!form) return;
  const { fields, fill, want, key } = window.desk.combo;
  const [service, country] = fields;
  let waiting = null; // the box in which the last choice was made; while the focus is there, the offers may take it

  function lead(isByHand) {
    const open = fields.find((field) => !key(field));
    waiting = isByHand && !open ? document.activeElement : null;
    if (open && isByHand) open.input.focus();
    if (!open) ask();
  }

  /** Ask for the offers. The address says what is chosen, so it can be shared and survives a reload. */
  function ask() {
    history.replaceState(history.state, "", `?${new URLSearchParams({ service: key(service), country: key(country) })}`);
    htmx.trigger("#offers", "chosen");
  }

  function reach() {
    if (!waiting) return;
    const next = document.querySelector('#offers :is([type="radio"]:checked, [data-show-places])') ?? document.querySelector('#offers [type="radio"]');
    if (document.activeElement !== waiting || next) waiting = null;
    if (!waiting) next?.focus();
  }

  form.addEventListener("desk:chosen", ({ detail }) => lead(detail.isByHand));
  form.addEventListener("input", () => { waiting = null; });
  form.addEventListener("click", (event) => {
    const pair = event.target.closest("[data-pair]");
    if (pair && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      const chosen = pair.dataset;
      fill(service, chosen.service, chosen.serviceName);
      fill(country, chosen.country, chosen.countryName);
      lead(true);
    }
    if (event.target.closest("[data-show-places]")) {
      fill(country, "", "");
      country.input.focus();
      want(country);
    }
  });

  document.addEventListener("htmx:configRequest", ({ detail: { elt, parameters } }) => {
    if (elt !== form && elt.id !== "offers") return;
    for (const field of fields) if (key(field)) parameters[field.name] = key(field);
    if (!fields.every(key)) delete parameters.offer; // it was one of what stood in the boxes before
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id === "offers") reach();
    if (detail.target.id === "favourite") htmx.trigger("#pairs", "changed");
  });
})();
