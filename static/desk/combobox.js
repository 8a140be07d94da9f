// A text field that finds one of many: the ARIA combobox with a list, filled by the server as one types. The key of what was
// chosen stands in data-key; typing empties it. "desk:chosen" tells of a choice, and whether it was made by hand.
(() => {
  const fields = [...document.querySelectorAll("[data-combo]")].map((root) => ({
    name: root.dataset.combo,
    many: root.dataset.many,
    input: root.querySelector('[role="combobox"]'),
    list: root.querySelector('[role="listbox"]'),
    note: root.querySelector("[data-note]"),
    answered: null, // the text that the list is the answer to
    isHasty: false, // Enter or Tab was pressed before the answer had come: take the first
  }));
  if (!fields.length) return;
  const fieldOf = (node) => fields.find(({ input, list }) => input === node || list === node || list.contains(node));
  const options = ({ list }) => [...list.querySelectorAll('[role="option"]')];
  const active = ({ list }) => list.querySelector('[aria-selected="true"]');
  const key = ({ input }) => input.dataset.key;
  const isTyped = (field) => Boolean(field.input.value.trim() && !key(field));
  const isBehind = (field) => isTyped(field) && field.answered !== field.input.value;
  const same = (one, other) => one.trim().toLowerCase() === other.trim().toLowerCase();

  function setOpen(field, isOpen) {
    const shown = isOpen && options(field).length > 0;
    field.list.hidden = !shown;
    field.input.setAttribute("aria-expanded", String(shown));
    if (!shown) setActive(field, null);
  }

  function setActive(field, option) {
    active(field)?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.input.setAttribute("aria-activedescendant", option.id);
    else field.input.removeAttribute("aria-activedescendant");
  }

  /** Put a choice into the box. The other list depends on it, so it is fetched anew when it is wanted. */
  function fill(field, chosen, name) {
    field.input.value = name;
    field.input.dataset.key = chosen;
    field.input.removeAttribute("aria-invalid");
    field.note.textContent = "";
    field.isHasty = false;
    setOpen(field, false);
    for (const each of fields) each.list.replaceChildren();
  }

  function choose(field, { dataset: { key: chosen, name, place, placeName } }, isByHand) {
    fill(field, chosen, name);
    if (place) fill(fields.find((each) => each !== field), place, placeName);
    field.input.dispatchEvent(new CustomEvent("desk:chosen", { bubbles: true, detail: { isByHand } }));
  }

  function chooseNamed(field) {
    const named = options(field).filter((option) => same(option.dataset.name, field.input.value));
    if (named.length === 1) choose(field, named[0], false);
    return named.length === 1;
  }

  function told(field, total, near) {
    const shown = options(field).length;
    const words = document.createDocumentFragment();
    if (!shown) words.append(`No ${field.name} called “${field.input.value.trim()}”. `, near ?? "");
    else if (total > shown) words.append(`${shown} of ${total} ${field.many} shown, type to find others`);
    else words.append(`${shown} ${shown === 1 ? field.name : field.many} found`);
    return words;
  }

  function arrive(field, asked) {
    const all = options(field);
    all.forEach((option, index) => { option.id = `${field.list.id}-${index}`; });
    field.answered = asked;
    const isHere = document.activeElement === field.input;
    const isLast = !isBehind(field); // else more was typed meanwhile, and its own answer is under way
    const isHasty = field.isHasty && isLast && all.length > 0;
    if (isLast) field.isHasty = false;
    if (isTyped(field) && isHasty) return choose(field, all[0], isHere);
    if (isTyped(field) && !isHere && chooseNamed(field)) return;
    const answer = field.list.querySelector("template");
    field.note.replaceChildren(told(field, Number(answer?.dataset.total), answer?.content.cloneNode(true)));
    field.list.toggleAttribute("data-more", Number(answer?.dataset.total) > all.length);
    setOpen(field, isHere);
    if (isTyped(field) && isHere) setActive(field, all[0]);
  }

  function want(field) {
    if (options(field).length && !isBehind(field)) setOpen(field, true);
    else htmx.trigger(field.input, "wanted");
  }

  function hurry(field) {
    field.isHasty = true;
    htmx.trigger(field.input, "wanted");
  }

  const moves = { ArrowDown: 1, ArrowUp: -1 };
  function press(field, event) {
    const isOpen = !field.list.hidden;
    const all = options(field);
    if (event.key in moves) {
      event.preventDefault();
      if (!isOpen) want(field);
      else setActive(field, all.at((all.indexOf(active(field)) + moves[event.key] + (active(field) || event.key === "ArrowDown" ? 0 : 1)) % all.length));
    } else if (isOpen && (event.key === "Home" || event.key === "End")) {
      event.preventDefault();
      setActive(field, all.at(event.key === "Home" ? 0 : -1));
    } else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) {
      const isEnter = event.key === "Enter";
      if (!isBehind(field) && !(isOpen && active(field))) return;
      if (isEnter) event.preventDefault();
      if (isBehind(field)) hurry(field);
      else choose(field, active(field), isEnter);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setOpen(field, false);
    }
  }

  for (const field of fields) {
    field.input.addEventListener("input", () => {
      field.input.dataset.key = "";
      field.isHasty = false;
      setActive(field, null);
    });
    field.input.addEventListener("keydown", (event) => press(field, event));
    field.input.addEventListener("click", () => want(field));
    field.input.addEventListener("blur", () => {
      setOpen(field, false);
      if (isTyped(field) && !isBehind(field)) chooseNamed(field);
    });
    field.list.addEventListener("mousedown", (event) => event.preventDefault()); // the text field keeps the focus
    field.list.addEventListener("click", (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) choose(field, option, true);
    });
    field.note.addEventListener("click", (event) => {
      if (!event.target.matches("[data-near]")) return;
      field.input.value = event.target.textContent;
      field.input.focus();
      hurry(field);
    });
  }

  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters, triggeringEvent } = event.detail;
    const field = fieldOf(elt);
    if (!field) return;
    if (key(field) && triggeringEvent?.type === "input") event.preventDefault(); // a search that was due when the choice was made
    parameters[field.input.name] = key(field) ? "" : field.input.value; // what is chosen already does not narrow the list
    for (const other of fields) if (other !== field && key(other)) parameters[other.name] = key(other);
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const field = fieldOf(detail.target);
    if (field) arrive(field, detail.requestConfig.parameters[field.input.name]);
  });
  document.addEventListener("DOMContentLoaded", () => { // htmx listens from here on, and not to what was typed before
    const early = fields.find(({ input }) => input === document.activeElement && input.value !== input.defaultValue);
    if (early) htmx.trigger(early.input, "wanted");
  });
  window.desk.combo = { fields, fill, want, key };
})();
