// The stream of changed cards, and what replaces it while it is away. Says which of the two is at work.
(() => {
  const { placeCard, placeBoard } = window.desk;
  const { board, events, signIn } = document.body.dataset;
  const button = document.getElementById("live");
  const word = document.getElementById("live-word");
  const PATIENCE = 10_000; // then the board is asked every 5 s
  const SILENCE = 45_000; // three heartbeats missed: the connection is dead and the browser has not noticed
  const WORDS = { connecting: "Connecting", live: "Live", reconnecting: "Reconnecting", every: "Every 5 s", paused: "Paused" };
  let source = null;
  let downSince = Date.now();
  let heardAt = 0; // 0: this stream has no heartbeat yet
  let tries = 0;
  let retry = 0;
  let isPaused = false;
  let isBehind = false; // the board could not be fetched when it should have been

  function show(state) {
    if (button.dataset.live === state) return;
    button.dataset.live = state;
    word.textContent = WORDS[state];
    button.title = state === "paused" ? "Resume live updates" : "Pause live updates";
  }

  const parse = (html) => new DOMParser().parseFromString(html, "text/html").body;

  async function fetchBoard() {
    if (!document.getElementById("cards")) return;
    const asked = performance.now();
    const answer = await fetch(board, { headers: { "HX-Request": "true" }, cache: "no-store" });
    const elsewhere = answer.headers.get("HX-Redirect");
    if (elsewhere) location.assign(elsewhere);
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = parse(await answer.text()).querySelector("#board");
    if (fresh) placeBoard(fresh, asked);
  }
  const refresh = () => fetchBoard().then(() => { isBehind = false; }, () => { isBehind = true; });

  function connect() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(events);
    source.addEventListener("open", () => {
      [downSince, tries, heardAt] = [null, 0, 0];
      show("live");
    });
    source.addEventListener("still-here", () => { heardAt = Date.now(); });
    source.addEventListener("board", refresh);
    source.addEventListener("card", ({ data }) => {
      if (heardAt) heardAt = Date.now();
      const card = parse(data).querySelector("article");
      if (card) placeCard(card, { isFromStream: true });
    });
    source.addEventListener("banner", () => htmx.trigger(document.body, "banner"));
    source.addEventListener("signed-out", () => {
      source.close();
      location.assign(signIn);
    });
    source.addEventListener("error", lose);
  }

  function lose() {
    downSince ??= Date.now();
    if (Date.now() - downSince < PATIENCE) show("reconnecting");
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    const pause = Math.min(15_000, 1000 * 2 ** tries++) * (0.5 + Math.random());
    clearTimeout(retry);
    retry = setTimeout(connect, pause);
  }

  function pause() {
    isPaused = true;
    clearTimeout(retry);
    source?.close();
    show("paused");
  }

  function resume() {
    isPaused = false;
    downSince = Date.now();
    show("connecting");
    connect();
  }

  setInterval(() => {
    if (!isPaused && downSince === null && heardAt && Date.now() - heardAt > SILENCE) connect();
    const isWithoutStream = downSince !== null && Date.now() - downSince >= PATIENCE;
    if (isPaused || !(isWithoutStream || isBehind)) return;
    if (isWithoutStream) show("every");
    if (!document.hidden) refresh();
  }, 5000);

  button.addEventListener("click", () => (isPaused ? resume() : pause()));
  addEventListener("pagehide", () => source?.close()); // a page kept for the Back button must not hold a stream
  addEventListener("pageshow", (event) => { if (event.persisted && !isPaused) resume(); });

  document.addEventListener("desk:bought", async ({ detail }) => {
    if (!document.getElementById(detail.card)) await refresh();
    document.getElementById(detail.card)?.focus();
  });
  connect();
})();
