// Sets the theme. Runs before the page is drawn for the first time: later, every page would flash in the wrong theme.
(() => {
  const STORED = "desk.theme";
  const root = document.documentElement;
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");

  function chosenTheme() {
    try {
      return localStorage.getItem(STORED) || "system";
    } catch {
      return "system";
    }
  }

  function apply() {
    const chosen = chosenTheme();
    const isDark = chosen === "dark" || (chosen === "system" && prefersDark.matches);
    const theme = isDark ? "dark" : "light";
    root.setAttribute("data-bs-theme", theme); // Tabler's attribute
    root.setAttribute("data-theme", theme); // Django admin's attribute
  }

  root.classList.add("js");
  apply();
  prefersDark.addEventListener("change", apply);
  addEventListener("storage", apply);
  document.addEventListener("DOMContentLoaded", () => {
    for (const radio of document.querySelectorAll('input[name="theme"]')) radio.checked = radio.value === chosenTheme();
  });
  document.addEventListener("change", (event) => {
    if (event.target.name !== "theme") return;
    try {
      localStorage.setItem(STORED, event.target.value);
    } catch {
      // the browser allows no storage: the theme cannot be kept
    }
    apply();
  });
})();
