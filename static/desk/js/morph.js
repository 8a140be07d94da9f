// Replaces an element by a newer version of itself, and keeps what the member is doing in it: focus, typed text,
// selected options, the position of an open menu.
(() => {
  const { updateTimes } = window.desk;
  const callbacks = {
    beforeAttributeUpdated: (name) => name !== "style", // menus.js sets the position of an open menu
  };

  /** Select in `fresh` what the member selected in `old`, where it still exists. */
  function keepSelection(old, fresh) {
    const selected = [...old.querySelectorAll("[data-user-selected], [type='radio']:checked:focus")];
    for (const { name, value, checked } of selected) {
      const same = [...fresh.querySelectorAll(`input[name="${name}"]`)].find((input) => input.value === value);
      if (!same) continue;
      same.checked = checked;
      same.dataset.userSelected = "";
    }
  }

  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.('[type="radio"], [type="checkbox"]')) return;
    for (const input of target.form?.querySelectorAll(`[name="${target.name}"]`) ?? []) {
      delete input.dataset.userSelected;
    }
    target.dataset.userSelected = "";
  });

  /** Returns the element on the page. */
  function morph(old, fresh) {
    keepSelection(old, fresh);
    // Only for a field that is being typed in: Idiomorph would also skip the content of a focused card.
    const ignoreActiveValue = document.activeElement.matches("input, textarea, select");
    Idiomorph.morph(old, fresh, { morphStyle: "outerHTML", callbacks, ignoreActiveValue });
    const node = document.getElementById(fresh.id);
    updateTimes(node);
    return node;
  }
  Object.assign(window.desk, { morph });
})();
