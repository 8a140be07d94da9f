// A text field that finds one of many: the ARIA combobox with a list, filled by the server. A country depends on the server,
// a service on both; when one of those changes, what was chosen is looked up again and kept only if it is listed there too.
(() => {
  const fields = [...document.querySelectorAll("[data-combo]")].map((root) => ({
    name: root.dataset.combo,
    many: root.dataset.many,
    input: root.querySelector('[role="combobox"]'),
    code: root.querySelector('input[type="hidden"]'),
    list: root.querySelector('[role="listbox"]'),
    note: root.querySelector("[data-note]"),
    isAsking: false, // looking up what was chosen before, not searching
  }));
  if (!fields.length) return;
  const form = fields[0].input.form;
  const fieldOf = (node) => fields.find(({ input, list }) => input === node || list === node || list.contains(node));
  const options = ({ list }) => [...list.querySelectorAll('[role="option"]')];
  const active = ({ list }) => list.querySelector('[aria-selected="true"]');
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

  function choose(field, option) {
    field.input.value = option.dataset.name;
    field.code.value = option.dataset.code;
    field.note.textContent = "";
    field.input.removeAttribute("aria-invalid");
    setOpen(field, false);
    later(field).forEach(askAgain);
  }

  const later = (field) => fields.slice(fields.indexOf(field) + 1);

  function askAgain(field) {
    field.list.replaceChildren();
    field.note.textContent = "";
    if (!field.input.value) return;
    field.code.value = "";
    field.isAsking = true;
    htmx.trigger(field.input, "wanted");
  }

  const chooseNamed = (field) => {
    const named = options(field).filter((option) => same(option.dataset.name, field.input.value));
    if (named.length === 1) choose(field, named[0]);
    return named.length === 1;
  };

  function arrive(field) {
    options(field).forEach((option, index) => { option.id = `${field.list.id}-${index}`; });
    const { total = 0, told = "", pending } = field.list.querySelector("template")?.dataset ?? {};
    const shown = options(field).length;
    if (pending !== undefined) setTimeout(() => htmx.trigger(field.input, "wanted"), 1500);
    if (field.isAsking && !told) {
      field.isAsking = false;
      if (!chooseNamed(field)) field.note.textContent = `Server ${form.elements.server.value} does not list ${field.input.value}.`;
      return;
    }
    const found = Number(total) > shown ? `${shown} of ${total} ${field.many} shown, type to find others` : `${shown} ${shown === 1 ? field.name : field.many} found`;
    field.note.textContent = told || (shown ? found : `No ${field.name} called “${field.input.value}”.`);
    setOpen(field, document.activeElement === field.input);
    if (field.input.value && shown) setActive(field, options(field)[0]);
  }

  function want(field) {
    if (options(field).length) setOpen(field, true);
    else htmx.trigger(field.input, "wanted");
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
    } else if (event.key === "Enter" && isOpen && active(field)) {
      event.preventDefault();
      choose(field, active(field));
    } else if (event.key === "Tab" && isOpen && active(field)) {
      choose(field, active(field));
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setOpen(field, false);
    }
  }

  for (const field of fields) {
    field.input.addEventListener("input", () => {
      field.code.value = "";
      field.isAsking = false;
      setActive(field, null);
    });
    field.input.addEventListener("keydown", (event) => press(field, event));
    field.input.addEventListener("click", () => want(field));
    field.input.addEventListener("blur", () => {
      setOpen(field, false);
      if (!field.code.value && field.input.value) chooseNamed(field);
    });
    field.list.addEventListener("mousedown", (event) => event.preventDefault()); // the text field keeps the focus
    field.list.addEventListener("click", (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) choose(field, option);
    });
  }

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    const field = fieldOf(detail.elt);
    if (!field) return;
    delete detail.parameters[field.input.name];
    detail.parameters.q = field.code.value ? "" : field.input.value; // what is chosen already does not narrow the list
    for (const before of ["server", "country"]) {
      const value = form.elements[before]?.value;
      if (before !== field.name && value) detail.parameters[before] = value;
    }
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const field = fieldOf(detail.target);
    if (field) arrive(field);
  });
  form.addEventListener("change", (event) => { if (event.target.name === "server") askAgain(fields[0]); });
  // Names that came with the address; htmx listens from DOMContentLoaded on
  document.addEventListener("DOMContentLoaded", () => { if (!fields[0].code.value) askAgain(fields[0]); });
})();
