// Makes the pages beside the chat smoother: filters at once, tells in place whether an answer was right, and remembers the
// steps that were done and what was answered, in this browser only. Without it the same forms go to the server.

const status = document.getElementById("osumia");
const filter = document.querySelector("form[data-filter]");
let items = [...document.querySelectorAll("[data-item]")];

// Base forms are known to the server alone; until it tells them, words are looked for as they were typed.
const forms = new Map(filter ? [[typed(), JSON.parse(filter.dataset.forms)]] : []);

function typed() {
  return filter.elements.haku.value.trim().toLowerCase();
}

function fitting() {
  const text = typed();
  const words = forms.get(text) ?? text.split(/\s+/).map((word) => [word]);
  const chosen = [...filter.querySelectorAll("select:not([data-reload])")];
  const holds = (held) => held.includes(text) || (words.length > 0 && words.every((some) => some.some((form) => held.includes(form))));
  return items.filter((item) => holds(item.dataset.haku) && chosen.every((select) => !select.value || item.dataset[select.name] === select.value));
}

function applyFilter() {
  const shown = new Set(fitting());
  for (const item of items) item.hidden = !shown.has(item);
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-item]:not([hidden])");
  }
  const told = shown.size ? filter.dataset.count.replace("{count}", shown.size).replace("{total}", items.length) : filter.dataset.none;
  if (status.textContent !== told) status.textContent = told;
  tellNarrowing();
}

// On paper the form is gone, so a line says what the page was narrowed down to.
function tellNarrowing() {
  const chosen = [...filter.querySelectorAll("select:not([data-reload])")].filter((select) => select.value);
  const by = chosen.map((select) => select.selectedOptions[0].text);
  if (typed()) by.unshift(filter.dataset.word.replace("{text}", filter.elements.haku.value.trim()));
  const line = document.getElementById("rajaus");
  line.textContent = `${filter.dataset.narrowed.replace("{by}", by.join(", "))}. ${status.textContent}`;
  line.hidden = !by.length;
}

let asked;

// "Nothing was found" is not said before the base forms are known.
function search() {
  clearTimeout(asked);
  const text = typed();
  if (forms.has(text) || fitting().length) applyFilter();
  if (!forms.has(text)) asked = setTimeout(() => askForms(text), 150);
}

async function askForms(text) {
  const address = new URL(filter.dataset.formsAt, location);
  address.searchParams.set("haku", text);
  try {
    const response = await fetch(address);
    if (response.ok) forms.set(text, await response.json());
  } catch {
    // without a connection the words are looked for as they were typed
  }
  if (typed() === text) applyFilter();
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
  filter.addEventListener("input", search);
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
