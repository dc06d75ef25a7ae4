// Makes the pages beside the chat smoother: filters at once, tells in place whether an answer was right, and remembers the
// steps that were done and what was answered, in this browser only. Without it the same forms go to the server.

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

const checks = [...document.querySelectorAll("form[data-check]")];
const ANSWERS = "perehdytys-vastaukset";

function tell(form) {
  const chosen = form.elements.vastaus.value;
  const verdict = !chosen ? "none" : chosen === form.dataset.right ? "right" : "wrong";
  const told = document.getElementById(form.dataset.check);
  told.replaceChildren(form.parentElement.querySelector(`[data-verdict=${verdict}]`).content.cloneNode(true));
  const group = form.querySelector("fieldset");
  if (verdict === "none") group.setAttribute("aria-describedby", told.id);
  else group.removeAttribute("aria-describedby");
  return verdict;
}

function optionText(input) {
  return input.parentElement.textContent.trim();
}

for (const form of checks) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (tell(form) === "none") return form.elements.vastaus[0].focus();
    const chosen = form.querySelector(":checked");
    store(ANSWERS, { ...stored(ANSWERS, {}), [form.elements.askel.value]: optionText(chosen) });
  });
}

// What was answered here before; an option that has been written anew since is not chosen.
function showAnswers() {
  const answers = stored(ANSWERS, {});
  for (const form of checks) {
    const given = [...form.elements.vastaus].find((input) => optionText(input) === answers[form.elements.askel.value]);
    if (!given || form.querySelector(":checked")) continue;
    given.checked = true;
    tell(form);
  }
}

const boxes = [...document.querySelectorAll("input[data-step]")];
const KEY = "perehdytys";

function stored(key, none) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? none;
  } catch {
    return none; // storage is off, or holds something else
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
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
  store(KEY, done.map((box) => box.dataset.step));
}

if (boxes.length) {
  const done = stored(KEY, []);
  document.querySelector("[data-progress]").hidden = false;
  for (const box of boxes) {
    box.closest("[hidden]").hidden = false;
    box.checked = done.includes(box.dataset.step);
    box.addEventListener("change", showProgress);
  }
  const dialog = document.getElementById("alusta");
  document.querySelector("[data-reset]").addEventListener("click", () => {
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "reset") return;
    for (const box of boxes) box.checked = false;
    for (const form of checks) {
      for (const input of form.elements.vastaus) input.checked = false;
      document.getElementById(form.dataset.check).replaceChildren();
    }
    store(ANSWERS, {});
    showProgress();
  });
  showProgress();
  showAnswers();
}
