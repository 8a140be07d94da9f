// Receives changed cards from the event stream. While the stream is down, fetches the board every 5 s instead. The
// button in the top bar shows which of the two is in use, and pauses both.
(() => {
  const { updateCard, updateBoard } = window.desk;
  const { boardUrl, eventsUrl, signInUrl } = document.body.dataset;
  const button = document.getElementById("live");
  const label = document.getElementById("live-label");
  const FALLBACK_AFTER = 10_000; // milliseconds without a stream, then the board is fetched instead
  const HEARTBEAT_TIMEOUT = 45_000; // three missed heartbeats: the connection is dead, and the browser has not noticed
  const FETCH_INTERVAL = 5000;
  const LABELS = {
    connecting: "Connecting",
    live: "Live",
    reconnecting: "Reconnecting",
    every: "Every 5 s",
    paused: "Paused",
  };
  let source = null;
  let downSince = Date.now(); // null while the stream is open
  let heardAt = 0; // the last heartbeat; 0 before the first one of this stream
  let attempts = 0;
  let retryTimer = 0;
  let isPaused = false;
  let isStale = false; // the last fetch of the board failed

  function showState(state) {
    if (button.dataset.live === state) return;
    button.dataset.live = state;
    label.textContent = LABELS[state];
    button.title = state === "paused" ? "Resume live updates" : "Pause live updates";
  }

  const parse = (html) => new DOMParser().parseFromString(html, "text/html").body;

  async function fetchBoard() {
    if (!document.getElementById("cards")) return;
    const requestedAt = performance.now();
    const response = await fetch(boardUrl, { headers: { "HX-Request": "true" }, cache: "no-store" });
    const redirect = response.headers.get("HX-Redirect");
    if (redirect) location.assign(redirect);
    if (!response.ok) throw new Error(response.statusText);
    const board = parse(await response.text()).querySelector("#board");
    if (board) updateBoard(board, requestedAt);
  }

  async function refresh() {
    try {
      await fetchBoard();
      isStale = false;
    } catch {
      isStale = true;
    }
  }

  function onOpen() {
    downSince = null;
    attempts = 0;
    heardAt = 0;
    showState("live");
  }

  function onCard({ data }) {
    if (heardAt) heardAt = Date.now();
    const card = parse(data).querySelector("article");
    if (card) updateCard(card, { isFromStream: true });
  }

  function onSignedOut() {
    source.close();
    location.assign(signInUrl);
  }

  function onError() {
    downSince ??= Date.now();
    if (Date.now() - downSince < FALLBACK_AFTER) showState("reconnecting");
    if (source.readyState !== EventSource.CLOSED) return; // the browser reconnects by itself
    const delay = Math.min(15_000, 1000 * 2 ** attempts++) * (0.5 + Math.random());
    clearTimeout(retryTimer);
    retryTimer = setTimeout(connect, delay);
  }

  function connect() {
    clearTimeout(retryTimer);
    source?.close();
    source = new EventSource(eventsUrl);
    source.addEventListener("open", onOpen);
    source.addEventListener("error", onError);
    source.addEventListener("still-here", () => {
      heardAt = Date.now();
    });
    source.addEventListener("board", refresh);
    source.addEventListener("card", onCard);
    source.addEventListener("banner", () => htmx.trigger(document.body, "banner"));
    source.addEventListener("signed-out", onSignedOut);
  }

  function pause() {
    isPaused = true;
    clearTimeout(retryTimer);
    source?.close();
    showState("paused");
  }

  function resume() {
    isPaused = false;
    downSince = Date.now();
    showState("connecting");
    connect();
  }

  function checkStream() {
    if (isPaused) return;
    if (downSince === null && heardAt && Date.now() - heardAt > HEARTBEAT_TIMEOUT) connect();
    const needsFallback = downSince !== null && Date.now() - downSince >= FALLBACK_AFTER;
    if (needsFallback) showState("every");
    if ((needsFallback || isStale) && !document.hidden) refresh();
  }

  setInterval(checkStream, FETCH_INTERVAL);
  button.addEventListener("click", () => (isPaused ? resume() : pause()));
  addEventListener("pagehide", () => source?.close()); // a page kept for the Back button would keep its stream open
  addEventListener("pageshow", (event) => {
    if (event.persisted && !isPaused) resume();
  });

  document.addEventListener("desk:purchase-finished", async ({ detail }) => {
    if (!document.getElementById(detail.card)) await refresh();
    document.getElementById(detail.card)?.focus();
  });
  connect();
})();
