// The way back to the conversation of this tab. Only the tab remembers it, and the links that lead to the chat lead there:
// an address that carried the conversation would hand it on with every link that somebody shares.
const way = {
  recall(key) {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null; // storage is off, as it may be in a frame on another site
    }
  },

  keep(key, value) {
    try {
      if (value) sessionStorage.setItem(key, value);
      else sessionStorage.removeItem(key);
    } catch {
      // storage is off: the server still knows the page that a link was pressed on
    }
  },

  remember(path) {
    this.keep("keskustelu", path);
    this.show();
  },

  show() {
    const path = this.recall("keskustelu");
    for (const link of document.querySelectorAll("a[data-way]")) {
      if (path) {
        link.pathname = path;
        link.closest("[hidden]")?.removeAttribute("hidden");
      }
      if (!link.closest(".site-nav")) continue;
      if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  },
};

way.show();
