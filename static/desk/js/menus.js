// Menus: native popovers. Positions an open menu next to its button, and moves the focus with the arrow keys.
(() => {
  const buttonOf = (menu) => document.querySelector(`[popovertarget="${menu.id}"]`);
  const openMenus = () => [...document.querySelectorAll(".menu:popover-open")];

  function position(menu) {
    const [button, own] = [buttonOf(menu).getBoundingClientRect(), menu.getBoundingClientRect()];
    const left = Math.min(Math.max(12, button.right - own.width), innerWidth - own.width - 12);
    const hasRoomBelow = button.bottom + own.height + 12 < innerHeight;
    menu.style.left = `${left}px`;
    menu.style.top = `${hasRoomBelow ? button.bottom + 4 : Math.max(12, button.top - own.height - 4)}px`;
  }

  function moveFocus(menu, step) {
    const items = [...menu.querySelectorAll(".menu-item, input, .btn")].filter(
      (item) => item.offsetParent !== null || item.getClientRects().length,
    );
    const isOutside = !menu.contains(document.activeElement);
    const index = isOutside && step < 0 ? -1 : items.indexOf(document.activeElement) + step;
    items.at(index % items.length)?.focus();
  }

  document.addEventListener(
    "toggle",
    ({ newState, target }) => {
      if (newState === "open" && target.matches(".menu")) position(target);
    },
    true, // "toggle" does not bubble
  );
  addEventListener("scroll", () => openMenus().forEach(position), { passive: true });
  addEventListener("resize", () => openMenus().forEach(position));
  document.addEventListener("click", (event) => event.target.closest(".menu-item")?.closest(".menu")?.hidePopover());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const menu =
      event.target.closest(".menu:popover-open") ?? openMenus().find((open) => buttonOf(open) === event.target);
    if (!menu || event.target.matches('[type="radio"]')) return;
    moveFocus(menu, event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
  });
  Object.assign(window.desk, { menuButtonOf: buttonOf });
})();
