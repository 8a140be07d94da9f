// Comboboxes (the ARIA pattern with a listbox): a text field finds one of many options, which the server filters while
// the member types. The key of the chosen option is in data-key; typing clears it. Dispatches "desk:option-chosen".
(() => {
  const fields = [...document.querySelectorAll("[data-combo]")].map((root) => ({
    name: root.dataset.combo,
    plural: root.dataset.plural,
    input: root.querySelector('[role="combobox"]'),
    list: root.querySelector('[role="listbox"]'),
    status: root.querySelector("[data-combo-status]"),
    listedText: null, // the text that the options in the list were searched for
    isFirstRequested: false, // Enter or Tab was pressed before the options were there: choose the first of them
  }));
  if (!fields.length) return;
  const fieldOf = (node) => fields.find(({ input, list }) => input === node || list === node || list.contains(node));
  const optionsOf = ({ list }) => [...list.querySelectorAll('[role="option"]')];
  const activeOption = ({ list }) => list.querySelector('[aria-selected="true"]');
  const keyOf = ({ input }) => input.dataset.key;
  const hasOnlyText = (field) => Boolean(field.input.value.trim() && !keyOf(field));
  const isListOutdated = (field) => hasOnlyText(field) && field.listedText !== field.input.value;
  const isSameText = (one, other) => one.trim().toLowerCase() === other.trim().toLowerCase();
  const otherThan = (field) => fields.find((each) => each !== field);
  const fetchOptions = (field) => htmx.trigger(field.input, "fetch-options");

  function setOpen(field, isOpen) {
    const isShown = isOpen && optionsOf(field).length > 0;
    field.list.hidden = !isShown;
    field.input.setAttribute("aria-expanded", String(isShown));
    if (!isShown) setActive(field, null);
  }

  function setActive(field, option) {
    activeOption(field)?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.input.setAttribute("aria-activedescendant", option.id);
    else field.input.removeAttribute("aria-activedescendant");
  }

  /** Set the option of a field. Empties all lists: each depends on what the other field has. */
  function setOption(field, key, name) {
    field.input.value = name;
    field.input.dataset.key = key;
    field.input.removeAttribute("aria-invalid");
    field.status.textContent = "";
    field.isFirstRequested = false;
    setOpen(field, false);
    for (const each of fields) each.list.replaceChildren();
  }

  function choose(field, option, isByUser) {
    const { key, name, country, countryName } = option.dataset;
    setOption(field, key, name);
    if (country) setOption(otherThan(field), country, countryName); // "whatsapp usa" chooses in both fields
    field.input.dispatchEvent(new CustomEvent("desk:option-chosen", { bubbles: true, detail: { isByUser } }));
  }

  /** Choose the only option with exactly the typed name. Returns whether there is one. */
  function chooseByName(field) {
    const named = optionsOf(field).filter((option) => isSameText(option.dataset.name, field.input.value));
    if (named.length === 1) choose(field, named[0], false);
    return named.length === 1;
  }

  function statusOf(field, total, suggestions) {
    const shown = optionsOf(field).length;
    const status = document.createDocumentFragment();
    if (!shown) status.append(`No ${field.name} called “${field.input.value.trim()}”. `, suggestions ?? "");
    else if (total > shown) status.append(`${shown} of ${total} ${field.plural} shown, type to find others`);
    else status.append(`${shown} ${shown === 1 ? field.name : field.plural} found`);
    return status;
  }

  /** The server's options for `text` are in the list. */
  function receiveOptions(field, text) {
    const options = optionsOf(field);
    options.forEach((option, index) => {
      option.id = `${field.list.id}-${index}`;
    });
    field.listedText = text;
    const hasFocus = document.activeElement === field.input;
    const isLatest = !isListOutdated(field); // else the options for the text typed since then are on their way
    const isFirstRequested = field.isFirstRequested && isLatest && options.length > 0;
    if (isLatest) field.isFirstRequested = false;
    if (hasOnlyText(field) && isFirstRequested) {
      choose(field, options[0], hasFocus);
      return;
    }
    if (hasOnlyText(field) && !hasFocus && chooseByName(field)) return;
    showOptions(field, options, hasFocus);
  }

  function showOptions(field, options, hasFocus) {
    const summary = field.list.querySelector("template");
    const total = Number(summary?.dataset.total);
    field.status.replaceChildren(statusOf(field, total, summary?.content.cloneNode(true)));
    field.list.toggleAttribute("data-truncated", total > options.length);
    setOpen(field, hasFocus);
    if (hasOnlyText(field) && hasFocus) setActive(field, options[0]);
  }

  function openList(field) {
    if (optionsOf(field).length && !isListOutdated(field)) setOpen(field, true);
    else fetchOptions(field);
  }

  function chooseFirst(field) {
    field.isFirstRequested = true;
    fetchOptions(field);
  }

  const STEPS = { ArrowDown: 1, ArrowUp: -1 };
  function moveActive(field, key) {
    const options = optionsOf(field);
    const active = activeOption(field);
    const index = !active && key === "ArrowUp" ? -1 : options.indexOf(active) + STEPS[key];
    setActive(field, options.at(index % options.length));
  }

  /** Enter and Tab choose the active option, or the first one of a list that is still being fetched. */
  function confirm(field, event) {
    const isEnter = event.key === "Enter";
    const isOutdated = isListOutdated(field);
    const active = field.list.hidden ? null : activeOption(field);
    if (!isOutdated && !active) return;
    if (isEnter) event.preventDefault();
    if (isOutdated) chooseFirst(field);
    else choose(field, active, isEnter);
  }

  function onKeydown(field, event) {
    const isOpen = !field.list.hidden;
    if (event.key in STEPS) {
      event.preventDefault();
      if (isOpen) moveActive(field, event.key);
      else openList(field);
    } else if (isOpen && (event.key === "Home" || event.key === "End")) {
      event.preventDefault();
      setActive(field, optionsOf(field).at(event.key === "Home" ? 0 : -1));
    } else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) {
      confirm(field, event);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setOpen(field, false);
    }
  }

  for (const field of fields) {
    field.input.addEventListener("input", () => {
      field.input.dataset.key = "";
      field.isFirstRequested = false;
      setActive(field, null);
    });
    field.input.addEventListener("keydown", (event) => onKeydown(field, event));
    field.input.addEventListener("click", () => openList(field));
    field.input.addEventListener("blur", () => {
      setOpen(field, false);
      if (hasOnlyText(field) && !isListOutdated(field)) chooseByName(field);
    });
    field.list.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus in the text field
    field.list.addEventListener("click", (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) choose(field, option, true);
    });
    field.status.addEventListener("click", (event) => {
      if (!event.target.matches("[data-suggestion]")) return;
      field.input.value = event.target.textContent.trim();
      field.input.focus();
      chooseFirst(field);
    });
  }

  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters, triggeringEvent } = event.detail;
    const field = fieldOf(elt);
    if (!field) return;
    if (keyOf(field) && triggeringEvent?.type === "input") event.preventDefault(); // delayed until after the choice
    parameters[field.input.name] = keyOf(field) ? "" : field.input.value; // after a choice, list all options
    for (const other of fields) if (other !== field && keyOf(other)) parameters[other.name] = keyOf(other);
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const field = fieldOf(detail.target);
    if (field) receiveOptions(field, detail.requestConfig.parameters[field.input.name]);
  });
  // htmx handles input from here on: fetch the options for what was typed earlier
  document.addEventListener("DOMContentLoaded", () => {
    const early = fields.find(({ input }) => input === document.activeElement && input.value !== input.defaultValue);
    if (early) fetchOptions(early);
  });
  window.desk.combobox = { fields, setOption, openList, keyOf };
})();
