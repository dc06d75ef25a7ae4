// Puts the city's assistant on any page:
//
//   <script src="https://…/static/embed.js" defer></script>
//   <heinola-assistant mode="button" lang="fi"><a href="https://…/">Kysy kaupungin strategiasta</a></heinola-assistant>
//
// mode="button" (the default) is a button that opens the chat in a panel, mode="panel" is the chat in place. What stands
// inside the element is the fallback: it shows without JavaScript, and its words become the name of the button.
// Nothing is fetched before the chat is opened, no cookie is set, and nothing of the page is read or sent.
(() => {
  const NAME = "heinola-assistant";
  const CLOSE = "heinola-assistant:close"; // sent by the framed page when Esc is pressed in it
  const SMALL = matchMedia("(max-width: 40rem), (max-height: 30rem)");
  const script = document.currentScript;

  const WORDS = {
    fi: { ask: "Kysy kaupungin strategiasta", chat: "Strategia-avustaja, automaattinen palvelu", close: "Sulje", open: "Avaa uuteen välilehteen" },
    sv: { ask: "Fråga om stadens strategi", chat: "Strategiassistent, automatisk tjänst", close: "Stäng", open: "Öppna i ny flik" },
    en: { ask: "Ask about the city's strategy", chat: "Strategy assistant, automatic service", close: "Close", open: "Open in a new tab" },
  };

  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { --accent: var(--heinola-assistant-accent, #0a5380); --on-accent: var(--heinola-assistant-on-accent, #fff);
      --ground: #fff; --text: #16222c; --line: #6b7c89; color-scheme: light; }
    :host([mode="panel"]) { display: block; }
    :host([hidden]) { display: none; }
    * { box-sizing: border-box; }
    button, a { font: 600 1rem/1.3 system-ui, sans-serif; cursor: pointer; }
    :focus-visible { outline: 3px solid var(--text); outline-offset: 2px; box-shadow: 0 0 0 2px var(--ground); }
    .open { position: fixed; right: 1rem; bottom: 1rem; z-index: 2147483000; display: flex; align-items: center; gap: .6rem;
      max-width: calc(100vw - 2rem); min-height: 3rem; padding: .6rem 1.1rem; color: var(--on-accent); background: var(--accent);
      border: 2px solid var(--on-accent); border-radius: 1.6rem; box-shadow: 0 2px 10px rgb(0 0 0 / 35%); text-align: left; }
    .open:hover { text-decoration: underline; }
    .open svg { flex: none; width: 1.5rem; height: 1.5rem; }
    dialog { position: fixed; inset: auto 1rem 5rem auto; z-index: 2147483001; width: min(26rem, calc(100vw - 2rem));
      height: min(42rem, calc(100vh - 6.5rem)); max-width: none; max-height: none; margin: 0; padding: 0; overflow: hidden;
      color: var(--text); background: var(--ground); border: 1px solid var(--line); border-radius: .6rem; box-shadow: 0 6px 30px rgb(0 0 0 / 40%); }
    dialog[open] { display: flex; flex-direction: column; }
    dialog:modal { inset: 0; width: 100%; height: 100%; border: 0; border-radius: 0; }
    header { display: flex; align-items: center; gap: .25rem; padding: .25rem .4rem .25rem .9rem; border-bottom: 1px solid var(--line); }
    h2 { flex: 1; margin: 0; font: 600 1rem/1.3 system-ui, sans-serif; overflow-wrap: anywhere; }
    header a, header button { display: inline-flex; align-items: center; justify-content: center; min-width: 2.75rem; min-height: 2.75rem; padding: 0 .6rem; color: var(--text); background: none;
      border: 0; border-radius: .4rem; font-weight: 400; text-decoration: underline; }
    header a { text-decoration: none; }
    iframe { flex: 1; width: 100%; min-height: 0; border: 0; background: var(--ground); }
    .place { display: flex; height: var(--heinola-assistant-height, min(42rem, 85vh)); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
    @media (prefers-color-scheme: dark) {
      :host { --accent: var(--heinola-assistant-accent, #86c8f2); --on-accent: var(--heinola-assistant-on-accent, #08222f);
        --ground: #17222a; --text: #e7eef3; --line: #8497a4; color-scheme: dark; }
    }
    @media print { .open, dialog { display: none !important; } }
  `);

  const ICON = "M4 5h16v11H11l-5 4.5V16H4z";

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function icon() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICON);
    path.setAttribute("fill", "currentColor");
    svg.append(path);
    return svg;
  }

  class HeinolaAssistant extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return this.listen();
      const language = (this.lang || document.documentElement.lang || "fi").slice(0, 2).toLowerCase();
      this.language = language in WORDS ? language : "fi";
      this.words = WORDS[this.language];
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [style];
      this.shadowRoot.append(this.getAttribute("mode") === "panel" ? this.place() : this.button());
      this.listen();
    }

    disconnectedCallback() {
      this.listening?.abort();
    }

    address(path) {
      const address = new URL(path, this.base);
      if (this.language !== "fi") address.searchParams.set("kieli", this.language);
      return address.href;
    }

    // The service's own address: one up from this script, or where the fallback link leads.
    get base() {
      return script ? new URL("../", script.src) : new URL(this.querySelector("a[href]").href);
    }

    frame() {
      this.chat = element("iframe", {
        src: this.address("upotus"), title: this.words.chat, allow: "clipboard-write", referrerpolicy: "no-referrer", lang: this.language,
      });
      return this.chat;
    }

    place() {
      const frame = this.frame();
      frame.loading = "lazy";
      return element("div", { class: "place" }, frame);
    }

    button() {
      const name = this.textContent.trim() || this.words.ask;
      this.opener = element("button", { class: "open", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false" }, icon(), name);
      this.closer = element("button", { type: "button" }, this.words.close);
      const apart = element("a", { href: this.address("./"), target: "_blank", rel: "noopener", "aria-label": this.words.open, title: this.words.open }, "↗");
      const heading = element("h2", { id: "name" }, this.words.chat);
      this.dialog = element("dialog", { "aria-labelledby": "name" }, element("header", {}, heading, apart, this.closer));
      this.opener.addEventListener("click", () => (this.dialog.open ? this.dialog.close() : this.open()));
      this.closer.addEventListener("click", () => this.dialog.close());
      this.dialog.addEventListener("close", () => {
        this.opener.setAttribute("aria-expanded", "false");
        this.opener.focus();
      });
      const both = document.createDocumentFragment();
      both.append(this.opener, this.dialog);
      return both;
    }

    // On a small screen the panel covers the page, so nothing behind it may take the focus.
    open() {
      if (!this.chat) this.dialog.append(this.frame());
      if (SMALL.matches) this.dialog.showModal();
      else this.dialog.show();
      this.opener.setAttribute("aria-expanded", "true");
      this.chat.focus();
    }

    listen() {
      if (!this.dialog) return;
      this.listening = new AbortController();
      const { signal } = this.listening;
      addEventListener("message", (event) => {
        if (event.source === this.chat?.contentWindow && event.data === CLOSE) this.dialog.close();
      }, { signal });
      addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || event.defaultPrevented || !this.dialog.open) return;
        event.preventDefault();
        this.dialog.close();
      }, { signal });
    }
  }

  if (!customElements.get(NAME)) customElements.define(NAME, HeinolaAssistant);
})();
