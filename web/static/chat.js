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
let sending = false;

function say(text) {
  status.textContent = "";
  // A new task, so that an equal text is announced again.
  setTimeout(() => { status.textContent = text; }, 50);
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
  counter.textContent = left < limit / 5 ? words.left.replace("{left}", left) : "";
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
  if (on) waiting.focus({ preventScroll: true });
}

function show(turn) {
  const question = turn.querySelector(".question");
  const answer = turn.querySelector(".answer");
  conversation.append(turn);
  for (const hidden of document.querySelectorAll("input[name=conversation]")) hidden.value = turn.dataset.conversation;
  document.querySelector("form.forget").hidden = false;
  enhance(turn);
  if (turn.dataset.address) settle(turn.dataset.address);
  field.value = "";
  count();
  showFault("");
  question.focus({ preventScroll: true });
  turn.scrollIntoView({ block: "start" });
  const paragraphs = [...answer.querySelectorAll("p, li")].map((node) => {
    const copy = node.cloneNode(true);
    for (const mark of copy.querySelectorAll(".cite")) mark.remove();
    return copy.textContent.trim();
  });
  say([answer.dataset.announce + paragraphs.join(" "), answer.dataset.sources ?? ""].join(" "));
}

async function ask(form, submitter) {
  setSending(true);
  const slow = setTimeout(() => say(words.sending), 600);
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
    clearTimeout(slow);
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
  const lines = [turn.querySelector(".question").innerText, "", turn.querySelector(".answer").innerText];
  for (const source of turn.querySelectorAll(".citation")) {
    lines.push("", source.querySelector("summary").innerText, source.querySelector("blockquote").cite);
  }
  for (const whose of turn.querySelectorAll(".provenance")) lines.push("", whose.innerText);
  lines.push("", turn.querySelector(".turn-foot .hint").innerText);
  try {
    await navigator.clipboard.writeText(lines.join("\n"));
    say(button.dataset.copy);
  } catch {
    say(button.dataset.copyFailed);
  }
}

// The conversation has a page of its own: there it is found by reloading, by a bookmark and when one comes back from a source.
function settle(address) {
  history.replaceState(null, "", address);
  for (const link of document.querySelectorAll(".languages a")) link.pathname = location.pathname;
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

enhance(document);
count();
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") openCitation(history.state?.citation);
