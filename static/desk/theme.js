// Runs before the first paint, so that no page flashes in the wrong theme.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem("desk.theme") || "system"; } catch { return "system"; }
  };
  const apply = () => {
    const isDark = chosen() === "dark" || (chosen() === "system" && dark.matches);
    const theme = isDark ? "dark" : "light";
    root.setAttribute("data-bs-theme", theme);
    root.setAttribute("data-theme", theme); // Django admin's name for it
  };
  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  document.addEventListener("DOMContentLoaded", () => {
    for (const radio of document.querySelectorAll('input[name="theme"]')) radio.checked = radio.value === chosen();
  });
  document.addEventListener("change", (event) => {
    if (event.target.name !== "theme") return;
    try { localStorage.setItem("desk.theme", event.target.value); } catch { /* private mode: for this page only */ }
    apply();
  });
})();
