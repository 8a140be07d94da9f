// Passkeys: on submit, asks the browser for a credential and sends the form with it.
(() => {
  const isSupported = window.isSecureContext && "PublicKeyCredential" in window;
  for (const element of document.querySelectorAll("[data-needs-passkey]")) element.hidden = !isSupported;
  for (const element of document.querySelectorAll("[data-no-passkey]")) element.hidden = isSupported;

  const ERRORS = {
    InvalidStateError: "This device already has a passkey for you.",
    SecurityError: "Passkeys need https and a host name, not an address of numbers: open the desk by its name.",
  };
  const OTHER_ERROR = "No passkey was used. Try again, or go another way.";

  /** The options for the browser: part of the page, or fetched. */
  async function optionsFor(form) {
    const element = document.getElementById(form.dataset.options);
    if (element) return JSON.parse(element.textContent);
    const response = await fetch(form.action, { headers: { Accept: "application/json" } });
    return response.json();
  }

  async function credentialFor(form) {
    const options = await optionsFor(form);
    if (form.dataset.passkey === "get") return webauthnJSON.get(options.request_options);
    const creation = options.creation_options;
    Object.assign(creation.publicKey.authenticatorSelection, {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    });
    return webauthnJSON.create(creation);
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-passkey]");
    if (!form) return;
    event.preventDefault();
    const [note, button] = [form.querySelector("[data-passkey-note]"), form.querySelector("button")];
    note.hidden = true;
    button.disabled = true;
    try {
      if (!isSupported) throw new DOMException("", "SecurityError");
      form.elements.credential.value = JSON.stringify(await credentialFor(form));
      form.submit();
    } catch (error) {
      note.textContent = ERRORS[error.name] ?? OTHER_ERROR;
      note.hidden = false;
      button.disabled = false;
    }
  });
})();
