// Counts the member's codes that arrived while the tab had no focus: in its title, its icon and the app's badge.
(() => {
  const unread = new Set(); // ids of cards
  const icon = document.querySelector('link[rel="icon"]');
  const title = document.title;
  const isFocused = () => !document.hidden && document.hasFocus();

  function showCount() {
    document.title = unread.size ? `(${unread.size}) ${title}` : title;
    icon.href = unread.size ? icon.dataset.code : icon.dataset.plain;
    if (unread.size) navigator.setAppBadge?.(unread.size)?.catch?.(() => {});
    else navigator.clearAppBadge?.()?.catch?.(() => {});
  }

  function addUnreadCode(id) {
    if (isFocused()) return;
    unread.add(id);
    showCount();
  }

  function markAllRead() {
    if (!isFocused() || !unread.size) return;
    unread.clear();
    showCount();
  }

  addEventListener("focus", markAllRead);
  document.addEventListener("visibilitychange", markAllRead);
  Object.assign(window.desk, { addUnreadCode });
})();
