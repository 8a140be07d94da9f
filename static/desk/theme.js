// Runs before the first paint, so that no page flashes in the wrong theme.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem("desk.theme") || "system"; } catch { return "system"; }
  };
  const apply = () => {
    const theme = chosen();
    const isDark = theme === "dark" || (theme === "system" && dark.matches);
    root.setAttribute("data-bs-theme", isDark ? "dark" : "light");
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
