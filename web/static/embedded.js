// In the frame on another page: Esc closes the panel around it, and links open beside it, so that the conversation stays.
(() => {
  const told = document.currentScript.dataset.newTab;
  const main = document.querySelector("main");

  function apart(link) {
    if (link.target || link.getAttribute("href").startsWith("#")) return;
    const address = new URL(link.href);
    if (address.origin === location.origin) address.searchParams.delete("upotus");
    link.href = address.href;
    link.target = "_blank";
    link.relList.add("noopener");
    const note = document.createElement("span");
    note.className = "visually-hidden";
    note.lang = document.documentElement.lang;
    note.textContent = ` (${told})`;
    link.append(note);
  }

  function allApart() {
    for (const link of main.querySelectorAll("a[href]")) apart(link);
  }

  allApart();
  new MutationObserver(allApart).observe(main, { childList: true, subtree: true });

  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) parent.postMessage("heinola-assistant:close", "*");
  });
})();
