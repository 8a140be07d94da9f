// Tells the member about codes of their own orders, by a sound or a notification. Neither contains the code.
(() => {
  const { showMessage, addUnreadCode } = window.desk;
  const status = document.getElementById("notify-status");
  const canNotify = window.isSecureContext && "Notification" in window;
  const checkboxes = document.querySelectorAll("[data-notify]"); // "sound" and "notice"
  let audio = null;

  function isEnabled(kind) {
    try {
      return localStorage.getItem(`desk.${kind}`) === "yes";
    } catch {
      return false;
    }
  }

  function setEnabled(kind, isOn) {
    try {
      localStorage.setItem(`desk.${kind}`, isOn ? "yes" : "no");
    } catch {
      // the browser allows no storage: nothing is enabled
    }
  }

  function playSound() {
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

  function showNotification(text, card) {
    const icon = document.querySelector('link[rel="icon"]').dataset.plain;
    const notification = new Notification(text, { tag: card?.id ?? "test", icon });
    notification.addEventListener("click", () => {
      window.focus();
      card?.focus();
      notification.close();
    });
  }

  function notify(text, card) {
    if (isEnabled("sound")) playSound();
    if (isEnabled("notice") && canNotify && Notification.permission === "granted") showNotification(text, card);
  }

  async function saveChoice(checkbox) {
    status.textContent = "";
    const needsPermission = checkbox.dataset.notify === "notice" && checkbox.checked;
    if (needsPermission && (await Notification.requestPermission()) !== "granted") {
      checkbox.checked = false;
      status.textContent =
        "This browser does not allow notifications from the desk. Its site settings can change that.";
    }
    setEnabled(checkbox.dataset.notify, checkbox.checked);
  }

  for (const checkbox of checkboxes) {
    checkbox.checked = isEnabled(checkbox.dataset.notify);
    checkbox.addEventListener("change", () => saveChoice(checkbox));
  }
  document.querySelector("[data-needs-notifications]").hidden = !canNotify;
  document.getElementById("notify-test").addEventListener("click", () => {
    const isAnyEnabled = [...checkboxes].some((checkbox) => checkbox.checked);
    status.textContent = isAnyEnabled ? "" : "Choose a sound or a notification first.";
    notify("This is what a code sounds like");
  });

  document.addEventListener("desk:code-received", ({ detail: { card } }) => {
    if (card.dataset.owner !== document.body.dataset.user) return;
    const text = `${card.querySelector("h2").firstChild.textContent.trim()} code received`;
    addUnreadCode(card.id);
    showMessage(text);
    notify(text, card);
  });

  // Browsers allow sound only after the first click on a page: without this message it would fail silently.
  if (isEnabled("sound")) {
    audio = new AudioContext();
    if (audio.state === "suspended") showMessage("Click anywhere to allow sound.", { seconds: 6 });
    addEventListener("pointerdown", () => audio.resume(), { once: true });
  }
})();
