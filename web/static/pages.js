// Makes the pages beside the chat smoother: filters at once, tells in place whether an answer was right, and remembers the
// steps that were done, in this browser only. Without it the same forms go to the server.

const status = document.getElementById("osumia");
const filter = document.querySelector("form[data-filter]");
let items = [...document.querySelectorAll("[data-item]")];

function applyFilter() {
  const text = filter.elements.haku.value.trim().toLowerCase();
  const chosen = [...filter.querySelectorAll("select:not([data-reload])")];
  for (const item of items) {
    const fits = item.dataset.haku.includes(text) && chosen.every((select) => !select.value || item.dataset[select.name] === select.value);
    item.hidden = !fits;
  }
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-item]:not([hidden])");
  }
  const count = items.filter((item) => !item.hidden).length;
  const told = count ? filter.dataset.count.replace("{count}", count) : filter.dataset.none;
  if (status.textContent !== told) status.textContent = told;
}

// What the server orders is put in its place, so that the focus stays on the choice.
async function reload() {
  const address = new URL(filter.action);
  address.search = new URLSearchParams(new FormData(filter));
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    document.querySelector("[data-reloaded]").replaceWith(page.querySelector("[data-reloaded]"));
    items = [...document.querySelectorAll("[data-item]")];
    history.replaceState(null, "", address);
    applyFilter();
  } catch {
    filter.submit();
  }
}

// An address that points to an item shows it even where a filter hid it.
function showTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.closest("[hidden]")) return;
  filter.elements.haku.value = "";
  for (const select of filter.querySelectorAll("select:not([data-reload])")) select.value = "";
  applyFilter();
  target.scrollIntoView();
}

if (filter) {
  filter.addEventListener("input", applyFilter);
  for (const select of filter.querySelectorAll("select[data-reload]")) {
    select.addEventListener("change", reload);
  }
  applyFilter();
  addEventListener("hashchange", showTarget);
  showTarget();
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

for (const form of document.querySelectorAll("form[data-check]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = document.getElementById(form.dataset.check);
    const address = new URL(form.action);
    address.search = new URLSearchParams(new FormData(form));
    try {
      const response = await fetch(address, { headers: { "X-Part": "check" } });
      if (!response.ok) throw new Error(response.statusText);
      const template = document.createElement("template");
      template.innerHTML = await response.text();
      told.replaceChildren(template.content);
    } catch {
      form.submit();
    }
  });
}

const boxes = [...document.querySelectorAll("input[data-step]")];
const KEY = "perehdytys";

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return []; // storage is off, or holds something else
  }
}

function store(done) {
  try {
    localStorage.setItem(KEY, JSON.stringify(done));
  } catch {
    // storage is off: the marks last as long as the page
  }
}

function showProgress() {
  const area = document.querySelector("[data-progress]");
  const done = boxes.filter((box) => box.checked);
  const text = area.dataset.progress.replace("{done}", done.length).replace("{count}", boxes.length);
  document.getElementById("eteneminen-teksti").textContent = text;
  document.getElementById("eteneminen").value = done.length;
  for (const box of boxes) {
    document.querySelector(`[data-step-link="${box.dataset.step}"]`).classList.toggle("is-done", box.checked);
  }
  store(done.map((box) => box.dataset.step));
}

if (boxes.length) {
  const done = stored();
  document.querySelector("[data-progress]").hidden = false;
  for (const box of boxes) {
    box.closest("[hidden]").hidden = false;
    box.checked = done.includes(box.dataset.step);
    box.addEventListener("change", showProgress);
  }
  document.querySelector("[data-reset]").addEventListener("click", () => {
    for (const box of boxes) box.checked = false;
    showProgress();
  });
  showProgress();
}
