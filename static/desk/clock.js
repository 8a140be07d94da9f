// Times as people read them. The server writes each as ISO 8601, in <time datetime>; everything is computed from the server's
// clock at each stroke, never counted, so a sleeping tab or a wrong local clock cannot show a wrong countdown.
(() => {
  let ahead = Date.parse(document.querySelector('meta[name="server-now"]')?.content) - Date.now() || 0;
  const now = () => Date.now() + ahead;
  const when = (node) => Date.parse(node.dateTime);
  const two = (number) => String(number).padStart(2, "0");

  function duration(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    if (h >= 48) return `${Math.floor(h / 24)} days`;
    return h ? `${h} h ${two(m)} min` : `${m}:${two(s)}`;
  }

  function roughly(milliseconds) {
    const minutes = Math.floor(milliseconds / 60_000);
    if (minutes < 1) return "just now";
    if (minutes < 60) return `${minutes} min ago`;
    return minutes < 2880 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} days ago`;
  }

  function pointInTime(at) {
    const moment = new Date(at);
    const time = `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
    if (moment.toDateString() === new Date(now()).toDateString()) return time;
    const year = moment.getFullYear() === new Date(now()).getFullYear() ? undefined : "numeric";
    return `${moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year })}, ${time.slice(0, 5)}`;
  }

  const write = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const full = { dateStyle: "full", timeStyle: "long" };

  const drawers = {
    "[data-at]": (node) => {
      write(node, pointInTime(when(node)));
      if (!node.title) node.title = new Date(when(node)).toLocaleString("en-GB", full);
    },
    "[data-since]": (node) => write(node, duration(now() - when(node))),
    "[data-ago]": (node) => {
      const passed = now() - when(node);
      write(node, passed < 3_600_000 ? `${duration(passed)} ago` : `at ${pointInTime(when(node))}`);
    },
    "[data-ago-coarse]": (node) => write(node, roughly(now() - when(node))),
    "[data-deadline]": (node) => write(node, duration(when(node) - now() + 999)),
    "[data-took]": (node) => write(node, duration(Number(node.dataset.took) * 1000)),
    "[data-clock-difference]": (node) => write(node, `${(Math.abs(ahead) / 1000).toFixed(1)} s`),
    "[data-until]": (node) => { node.hidden = now() >= Date.parse(node.dataset.until); },
    "[data-from]": (node) => { node.hidden = now() < Date.parse(node.dataset.from); },
    "[data-ring-to]": (node) => {
      const [from, to] = [Date.parse(node.dataset.ringFrom), Date.parse(node.dataset.ringTo)];
      const part = Math.min(1, Math.max(0, (now() - from) / (to - from || 1)));
      node.setAttribute("stroke-dasharray", `${(part * 100).toFixed(1)} 100`);
    },
  };

  /** Draw every time under `root`, which may be one itself. */
  function draw(root = document) {
    for (const [selector, drawer] of Object.entries(drawers)) {
      if (root.matches?.(selector)) drawer(root);
      root.querySelectorAll(selector).forEach(drawer);
    }
  }

  // Each answer carries the server's Date, true to a second: a clock that was set meanwhile is noticed.
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const said = Date.parse(detail.xhr?.getResponseHeader("Date")) + 500;
    if (Math.abs(said - now()) > 2000) ahead = said - Date.now();
  });
  setInterval(() => { if (!document.hidden) draw(); }, 1000);
  document.addEventListener("visibilitychange", () => draw());
  window.desk = { draw, now, duration };
  draw();
})();
