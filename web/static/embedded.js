// In the frame on another page: Esc closes the panel around it, and links open beside it, so that the conversation stays.

const { newTab } = document.currentScript.dataset;

function apart(link) {
  if (link.target || link.getAttribute("href").startsWith("#")) return;
  const address = new URL(link.href);
  address.searchParams.delete("upotus");
  link.href = address.href;
  link.target = "_blank";
  link.rel = `${link.rel} noopener`.trim();
  const told = document.createElement("span");
  told.className = "visually-hidden";
  told.lang = document.documentElement.lang;
  told.textContent = ` (${newTab})`;
  link.append(told);
}

function part(root) {
  for (const link of root.querySelectorAll("a[href]")) apart(link);
}

const main = document.querySelector("main");
part(main);
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node.nodeType === Node.ELEMENT_NODE) part(node);
  }
}).observe(main, { childList: true, subtree: true });

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) parent.postMessage("heinola-assistant:close", "*");
});
