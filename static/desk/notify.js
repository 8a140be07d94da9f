// "Tell me when a code arrives": a sound or a notification for my own orders, asked for by a button and never with the code.
(() => {
  const { say, noticeCode } = window.desk;
  const note = document.getElementById("tell-note");
  const canNotify = window.isSecureContext && "Notification" in window;
  const wants = (what) => { try { return localStorage.getItem(`desk.${what}`) === "yes"; } catch { return false; } };
  const boxes = document.querySelectorAll("[data-tell]");
  let audio = null;

  function beep() {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume();
    const start = audio.currentTime + 0.02;
    for (const [index, pitch] of [880, 1174.7].entries()) {
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      const at = start + index * 0.14;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.25);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.3);
    }
  }

  function notify(words, card) {
    const shown = new Notification(words, { tag: card?.id ?? "test", icon: document.querySelector('link[rel="icon"]').dataset.plain });
    shown.addEventListener("click", () => {
      window.focus();
      card?.focus();
      shown.close();
    });
  }

  function tell(words, card) {
    if (wants("sound")) beep();
    if (wants("notice") && canNotify && Notification.permission === "granted") notify(words, card);
  }

  async function choose(box) {
    note.textContent = "";
    if (box.dataset.tell === "notice" && box.checked && await Notification.requestPermission() !== "granted") {
      box.checked = false;
      note.textContent = "This browser does not allow notifications from the desk. Its site settings can change that.";
    }
    try { localStorage.setItem(`desk.${box.dataset.tell}`, box.checked ? "yes" : "no"); } catch { /* private mode */ }
  }

  for (const box of boxes) {
    box.checked = wants(box.dataset.tell);
    box.addEventListener("change", () => choose(box));
  }
  document.querySelector("[data-needs-notifications]").hidden = !canNotify;
  document.getElementById("tell-test").addEventListener("click", () => {
    note.textContent = [...boxes].some((box) => box.checked) ? "" : "Choose a sound or a notification first.";
    tell("This is what a code sounds like");
  });

  document.addEventListener("desk:code", ({ detail: { card } }) => {
    if (card.dataset.owner !== document.body.dataset.user) return;
    const words = `${card.querySelector("h2").firstChild.textContent.trim()} code received`;
    noticeCode(card.id);
    say(words);
    tell(words, card);
  });

  // Browsers allow sound only after a first click: say so instead of staying silent.
  if (wants("sound")) {
    audio = new AudioContext();
    if (audio.state === "suspended") say("Click anywhere to allow sound.", { seconds: 6 });
    addEventListener("pointerdown", () => audio.resume(), { once: true });
  }
})();
