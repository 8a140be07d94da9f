// Shows times, durations and countdowns. The server writes each time as ISO 8601 into <time datetime>. Every text is
// computed from the server's clock: counting down instead would be wrong after the tab has slept, and so would the
// browser's own clock where it is set wrong.
(() => {
  const HOUR = 3_600_000;
  let ahead = Date.parse(document.querySelector('meta[name="server-now"]')?.content) - Date.now() || 0; // milliseconds
  const now = () => Date.now() + ahead;
  const timeOf = (node) => Date.parse(node.dateTime);
  const twoDigits = (number) => String(number).padStart(2, "0");

  function duration(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    if (h >= 48) return `${Math.floor(h / 24)} days`;
    return h ? `${h} h ${twoDigits(m)} min` : `${m}:${twoDigits(s)}`;
  }

  function coarseAge(milliseconds) {
    const minutes = Math.floor(milliseconds / 60_000);
    if (minutes < 1) return "just now";
    if (minutes < 60) return `${minutes} min ago`;
    return minutes < 2880 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} days ago`;
  }

  /** The time of day; for another day than today also the date. */
  function localTime(at) {
    const [date, today] = [new Date(at), new Date(now())];
    const time = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())}`;
    if (date.toDateString() === today.toDateString()) return time;
    const year = date.getFullYear() === today.getFullYear() ? undefined : "numeric";
    return `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year })}, ${time.slice(0, 5)}`;
  }

  const setText = (node, text) => {
    if (node.textContent !== text) node.textContent = text; // writing the same text would clear a selection in it
  };

  const updates = {
    "[data-at]": (node) => {
      setText(node, localTime(timeOf(node)));
      if (node.title) return;
      node.title = new Date(timeOf(node)).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "long" });
    },
    "[data-since]": (node) => setText(node, duration(now() - timeOf(node))),
    "[data-ago]": (node) => {
      const age = now() - timeOf(node);
      setText(node, age < HOUR ? `${duration(age)} ago` : `at ${localTime(timeOf(node))}`);
    },
    "[data-ago-coarse]": (node) => setText(node, coarseAge(now() - timeOf(node))),
    "[data-deadline]": (node) => setText(node, duration(timeOf(node) - now() + 999)), // rounds up: 0:00 means reached
    "[data-duration]": (node) => setText(node, duration(Number(node.dataset.duration) * 1000)),
    "[data-clock-difference]": (node) => setText(node, `${(Math.abs(ahead) / 1000).toFixed(1)} s`),
    "[data-until]": (node) => {
      node.hidden = now() >= Date.parse(node.dataset.until);
    },
    "[data-from]": (node) => {
      node.hidden = now() < Date.parse(node.dataset.from);
    },
    "[data-progress-to]": (node) => {
      const [from, to] = [Date.parse(node.dataset.progressFrom), Date.parse(node.dataset.progressTo)];
      const part = Math.min(1, Math.max(0, (now() - from) / (to - from || 1)));
      node.setAttribute("stroke-dasharray", `${(part * 100).toFixed(1)} 100`);
    },
  };

  /** Update every time in `root`, and `root` itself if it is one. */
  function updateTimes(root = document) {
    for (const [selector, update] of Object.entries(updates)) {
      if (root.matches?.(selector)) update(root);
      root.querySelectorAll(selector).forEach(update);
    }
  }

  // Each answer has the server's Date, exact to a second: corrects `ahead` after a clock was changed.
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const serverNow = Date.parse(detail.xhr?.getResponseHeader("Date")) + 500;
    if (Math.abs(serverNow - now()) > 2000) ahead = serverNow - Date.now();
  });
  setInterval(() => {
    if (!document.hidden) updateTimes();
  }, 1000);
  document.addEventListener("visibilitychange", () => updateTimes());
  window.desk = { updateTimes };
  updateTimes();
})();
