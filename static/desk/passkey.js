// Passkeys: a form asks the browser for one, and is sent with what the browser answers.
(() => {
  const canUse = window.isSecureContext && "PublicKeyCredential" in window;
  for (const element of document.querySelectorAll("[data-needs-passkey]")) element.hidden = !canUse;
  for (const element of document.querySelectorAll("[data-no-passkey]")) element.hidden = canUse;

  async function ask(form) {
    const element = document.getElementById(form.dataset.options);
    const options = element ? JSON.parse(element.textContent) : await (await fetch(form.action, { headers: { Accept: "application/json" } })).json();
    if (form.dataset.passkey === "get") return webauthnJSON.get(options.request_options);
    const wanted = options.creation_options;
    Object.assign(wanted.publicKey.authenticatorSelection, { residentKey: "required", requireResidentKey: true, userVerification: "required" });
    return webauthnJSON.create(wanted);
  }

  const words = {
    InvalidStateError: "This device already has a passkey for you.",
    SecurityError: "Passkeys need https and a host name, not an address of numbers: open the desk by its name.",
  };
  const usual = "No passkey was used. Try again, or go another way.";

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-passkey]");
    if (!form) return;
    event.preventDefault();
    const [note, button] = [form.querySelector("[data-passkey-note]"), form.querySelector("button")];
    note.hidden = button.disabled = true;
    try {
      if (!canUse) throw new DOMException("", "SecurityError");
      form.elements.credential.value = JSON.stringify(await ask(form));
      form.submit();
    } catch (error) {
      note.textContent = words[error.name] ?? usual;
      note.hidden = button.disabled = false;
    }
  });
})();
