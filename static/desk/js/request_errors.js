// Messages about failed htmx requests. Requests that repeat by themselves fail silently.
(() => {
  const { showMessage } = window.desk;
  const isSilent = (element) => element.matches("#banner, [data-silent-errors]");

  const noAnswer = (verb) =>
    verb === "get"
      ? "The desk did not answer. Try again."
      : "The desk did not answer. Look at the board before you try again.";

  function textFor({ status, responseText, isPlain }, verb) {
    const texts = {
      403: isPlain ? responseText : "That is not allowed, or your session has changed. Reload the page.",
      404: "That order is not there any more, or not yours to change.",
      503: "The desk's database does not answer. Nothing was bought. Try again in a moment.",
    };
    return texts[status] ?? noAnswer(verb);
  }

  document.addEventListener("htmx:sendError", ({ detail: { elt, requestConfig } }) => {
    if (!isSilent(elt)) showMessage(noAnswer(requestConfig?.verb));
  });
  document.addEventListener("htmx:responseError", ({ detail: { elt, requestConfig, xhr } }) => {
    if (isSilent(elt)) return;
    const isPlain = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
    const text = textFor({ status: xhr.status, responseText: xhr.responseText, isPlain }, requestConfig?.verb);
    showMessage(text, { seconds: 8 });
  });
})();
