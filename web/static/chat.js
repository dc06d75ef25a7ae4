// Makes the chat smoother: sends the same forms as the page does without it, and inserts the part that the server renders.
// Whatever surprises it, it leaves to the browser by submitting the form plainly.

const conversation = document.getElementById("keskustelu");
const askForm = document.getElementById("kysy");
const field = document.getElementById("kysymys");
const fault = document.getElementById("kysymys-virhe");
const counter = document.getElementById("kysymys-laskuri");
const waiting = document.getElementById("odota");
const status = document.getElementById("tila");
const words = askForm.dataset;
const limit = Number(words.limit);
const sections = { none: document.querySelector(".starters"), some: document.getElementById("keskustelusta") };
let sending = false;
let hush;
let shown = location.pathname;

function say(...parts) {
  status.replaceChildren();
  // A new task, so that an equal text is announced again.
  setTimeout(() => status.replaceChildren(...parts), 50);
  // What has been announced is not met a second time by whoever reads on from there.
  clearTimeout(hush);
  hush = setTimeout(() => status.replaceChildren(), 8000);
}

// Seen where it was done, and announced.
function tell(place, text, done) {
  const told = place.closest(".tools").querySelector(".told");
  told.textContent = text;
  told.classList.toggle("told-done", done);
  say(text);
}

function showFault(text) {
  fault.textContent = text;
  fault.hidden = !text;
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

function refuse(text) {
  showFault(text);
  field.focus();
}

function questionFault(text) {
  if (!text.trim()) return words.empty;
  if (text.trim().length > limit) return words.long.replace("{length}", text.trim().length).replace("{limit}", limit);
  return "";
}

function count() {
  const left = limit - field.value.length;
  counter.textContent = left < 0 ? words.over.replace("{over}", -left) : left < limit / 5 ? words.left.replace("{left}", left) : "";
  counter.classList.toggle("error-text", left < 0);
  if (left >= 0 && field.value.trim()) showFault("");
}

async function part(form, submitter, name) {
  const body = new URLSearchParams(new FormData(form, submitter));
  const response = await fetch(submitter?.formAction && submitter.hasAttribute("formaction") ? submitter.formAction : form.action, {
    method: "POST", body, headers: { "X-Part": name }, redirect: "error",
  });
  return { html: await response.text(), status: response.status };
}

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function setSending(on) {
  sending = on;
  conversation.toggleAttribute("aria-busy", on);
  for (const button of document.querySelectorAll("form[data-ask] button, #kysy button")) {
    if (on) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

// What stands below the conversation is out of sight while a slow answer comes: nothing that is seen moves when it does.
function setWaiting(on) {
  document.body.classList.toggle("waiting", on);
  waiting.hidden = !on;
  if (on) waiting.focus({ preventScroll: true }); // which tells it too: it is not announced a second time
}

function belong(id) {
  for (const hidden of document.querySelectorAll("input[name=conversation]")) hidden.value = id;
  sections.some.hidden = !id;
  sections.none.hidden = Boolean(id);
}

// The answer as it is announced: each part in its own language, without the numbers of the sources.
function spoken(turn) {
  const answer = turn.querySelector(".answer");
  const parts = [...answer.querySelectorAll("p, li")].map((node) => {
    const copy = document.createElement("span");
    copy.lang = node.closest("[lang]").lang;
    copy.append(...node.cloneNode(true).childNodes);
    for (const mark of copy.querySelectorAll(".cite")) mark.remove();
    copy.append("\u00a0"); // a plain space at the end is dropped from what a screen reader is given
    return copy;
  });
  const notice = turn.querySelector(".turn-notice")?.cloneNode(true);
  return [...(notice ? [notice, " "] : []), answer.dataset.announce, ...parts, answer.dataset.found ?? ""];
}

function show(turn) {
  const question = turn.querySelector(".question");
  const before = askForm.elements.conversation.value;
  // The conversation on this page had been erased or had expired: the answer begins a new one.
  if (before && before !== turn.dataset.conversation) conversation.replaceChildren();
  conversation.append(turn);
  belong(turn.dataset.conversation);
  enhance(turn);
  document.title = turn.dataset.title;
  if (turn.dataset.address) settle(turn.dataset.address);
  field.value = "";
  count();
  showFault("");
  question.focus({ preventScroll: true });
  turn.scrollIntoView({ block: "start" });
  say(...spoken(turn));
}

async function ask(form, submitter) {
  setSending(true);
  // Within half a second of the press a change of the layout is what the asker expects.
  const late = setTimeout(() => setWaiting(true), 300);
  try {
    const { html, status: code } = await part(form, submitter, "turn").finally(() => {
      clearTimeout(late);
      setWaiting(false);
    });
    const content = parsed(html);
    const turn = content.querySelector("article.turn");
    if (code === 200 && turn) show(turn);
    else if ([422, 429, 503].includes(code)) refuse(content.textContent.trim());
    else plainly(form, submitter);
  } catch (error) {
    if (error instanceof TypeError) refuse(words.offline);
    else plainly(form, submitter);
  } finally {
    setSending(false);
  }
}

function plainly(form, submitter) {
  form.dataset.plain = "";
  form.requestSubmit(submitter ?? undefined);
}

async function giveFeedback(form, submitter) {
  const place = form.closest(".feedback");
  try {
    const { html, status: code } = await part(form, submitter, "feedback");
    const next = parsed(html).querySelector(".feedback");
    if (![200, 422].includes(code) || !next) return plainly(form, submitter);
    place.replaceWith(next);
    const focus = next.querySelector("[aria-invalid], [aria-describedby] input") ?? next;
    focus.focus();
  } catch {
    plainly(form, submitter);
  }
}

async function copy(button) {
  const turn = button.closest(".turn");
  const question = turn.querySelector(".question-whole p") ?? turn.querySelector(".question");
  const lines = [question.textContent, "", turn.querySelector(".answer").innerText];
  for (const source of turn.querySelectorAll(".citation")) {
    const numbers = [...source.querySelectorAll("summary .number")].map((number) => `[${number.textContent}]`);
    const [title, badge] = source.querySelectorAll("summary > [lang], summary > .badge");
    lines.push("", [...numbers, title.textContent, `(${badge.textContent})`].join(" "), source.querySelector("blockquote").cite);
  }
  for (const whose of turn.querySelectorAll(".provenance")) lines.push("", whose.innerText);
  lines.push("", turn.querySelector(".turn-foot .hint").innerText);
  try {
    await navigator.clipboard.writeText(lines.join("\n"));
    tell(button, button.dataset.copy, true);
  } catch {
    tell(button, button.dataset.copyFailed, false);
  }
}

// The conversation has a page of its own: there it is found by reloading, by a bookmark and when one comes back from a source.
// Its first answer is a new entry of the history, so that going back leads to the empty chat and not off the site; in a frame
// on another page that would take the steps of the page around it.
function settle(address) {
  const first = new URL(address, location).pathname !== location.pathname && !document.body.classList.contains("embedded");
  history[first ? "pushState" : "replaceState"](null, "", address);
  settled();
  way.remember(location.pathname);
}

function settled() {
  shown = location.pathname;
  for (const link of document.querySelectorAll(".languages a")) link.pathname = location.pathname;
}

// Erased in another tab: nothing of it stays in sight here either.
function erased() {
  const told = document.createElement("p");
  told.className = "notice notice-good";
  told.id = "ilmoitus";
  told.tabIndex = -1;
  told.textContent = words.erased;
  document.getElementById("ilmoitus")?.remove();
  const focused = conversation.contains(document.activeElement) || sections.some.contains(document.activeElement);
  conversation.before(told);
  conversation.replaceChildren();
  belong("");
  document.title = words.title;
  history.replaceState(null, "", askForm.action);
  settled();
  way.remember("");
  if (focused) told.focus();
  else say(words.erased);
}

function openCitation(id) {
  const part = document.getElementById(id);
  const details = part?.closest("details");
  if (!details) return false;
  details.open = true;
  part.focus({ preventScroll: true });
  const alone = !part.matches(".citation-part ~ .citation-part");
  (alone ? details : part).scrollIntoView({ block: "nearest" });
  return true;
}

function enhance(root) {
  for (const button of root.querySelectorAll("[data-copy], [data-print]")) button.hidden = false;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if ("plain" in form.dataset) return;
  if (form.matches(".forget")) way.keep("poistetaan", form.elements.conversation.value);
  if ("saved" in form.dataset) tell(form, form.dataset.saved, true);
  if (form.matches("[data-feedback]")) {
    event.preventDefault();
    giveFeedback(form, event.submitter);
  } else if (form === askForm || form.matches("[data-ask]")) {
    event.preventDefault();
    if (sending) return;
    const text = form === askForm ? questionFault(field.value) : "";
    if (text) refuse(text);
    else ask(form, event.submitter);
  }
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-copy], [data-print], a.cite, .citation a");
  if (target?.matches("[data-copy]")) copy(target);
  else if (target?.matches("[data-print]")) window.print();
  else if (target?.matches(".cite") && openCitation(target.hash.slice(1))) event.preventDefault();
  else if (target?.matches(".citation a")) {
    const part = target.closest(".citation-part") ?? target.closest(".citation").querySelector(".citation-part");
    history.replaceState({ citation: part.id }, ""); // to open it on coming back
  }
});

field.addEventListener("input", count);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    askForm.requestSubmit();
  }
});

window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll(".citation:not([open])")) details.open = true;
});

window.addEventListener("popstate", () => {
  if (location.pathname !== shown) location.reload(); // from the conversation to the empty chat, or the other way
});

const tabs = new BroadcastChannel("keskustelu");
tabs.onmessage = ({ data }) => {
  if (data && data === askForm.elements.conversation.value) erased();
};

// What the address of this page tells: a conversation goes on here, was just erased, or is no more.
function arrive() {
  const address = new URL(location);
  const isConversation = address.pathname.startsWith("/keskustelu/");
  if (isConversation && askForm.elements.conversation.value) way.remember(address.pathname);
  else if (isConversation && way.recall("keskustelu") === address.pathname) way.remember("");
  if (!address.searchParams.has("poistettu")) return;
  const id = way.recall("poistetaan");
  if (id) tabs.postMessage(id);
  way.keep("poistetaan", "");
  if (way.recall("keskustelu") === `/keskustelu/${id}`) way.remember("");
  address.searchParams.delete("poistettu");
  history.replaceState(null, "", address);
}

field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby")} kysymys-nappaimet`);
enhance(document);
count();
arrive();
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") openCitation(history.state?.citation);
