// The one script of the page: it sends what a person does, and shows what the server says has changed.
// Everything drawn comes from the server as HTML; nothing here makes HTML out of words.
"use strict";

const person = document.body.dataset.person;
const view = document.getElementById("view");
const confirmation = document.getElementById("confirm");
const waiting = new Map();
const PAUSE = 150;
const isBehind = document.body.matches(".behind");
const SLACK = ".rail, .room, .thread";

// The reader's own time zone, as Slack's apps use the device's.
document.cookie = `zone=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)}; path=/; SameSite=Strict`;

// ---------------------------------------------------------------- telling the server

// One after the other: what was typed has arrived before the button that was pressed after it.
let queue = Promise.resolve();

function tell(deed, body) {
  for (const key of [...waiting.keys()]) flush(key);
  const sent = queue.then(() => post(deed, body));
  queue = sent.catch(() => undefined);
  return sent;
}

async function post(deed, body) {
  const isForm = body instanceof FormData;
  const headers = isForm ? { "X-From-Page": "1" } : { "X-From-Page": "1", "Content-Type": "application/json" };
  try {
    // `keepalive`: what was typed last is told even when the page goes; files are too large for it.
    const more = isForm ? { body } : { body: JSON.stringify(body), keepalive: true };
    const answer = await fetch(`/as/${person}/${deed}`, { method: "POST", headers, ...more });
    const said = answer.ok ? await answer.json() : { trouble: "The sandbox could not do this. Reload this window and try again; its terminal says why." };
    show(said.trouble || "", said.why);
    return said;
  } catch {
    show("The sandbox does not answer. Is it still running?");
    return { trouble: "no answer" };
  }
}

// What went wrong, where it can be read: in the view if there is one, for nothing else is in reach then.
function show(words, why) {
  for (const place of document.querySelectorAll(".trouble")) {
    const isHere = Boolean(words) && view.contains(place) === view.open;
    place.textContent = isHere ? (why ? `${words} (${why})` : words) : "";
    place.hidden = !isHere;
  }
}

// ---------------------------------------------------------------- showing what changed

// Makes `old` look like `fresh` and leaves alone what is equal, so that focus, selection and typed text stay.
function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || (old.id || "") !== (fresh.id || "")) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  // What is being typed, and lists that are open: the server knows nothing of them.
  if (old.matches("[data-typed], [role=listbox], [role=combobox][aria-expanded=true]")) return;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && name !== "open") old.setAttribute(name, value);
  }
  morphChildren(old, fresh);
}

function morphChildren(old, fresh) {
  const known = new Map([...old.children].filter((one) => one.id).map((one) => [one.id, one]));
  let here = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const same = wanted.id ? known.get(wanted.id) : here && !here.id && here.nodeName === wanted.nodeName ? here : null;
    if (!same) {
      old.insertBefore(wanted, here);
      continue;
    }
    while (here && here !== same && !(here.id && fresh.querySelector(`:scope > #${CSS.escape(here.id)}`))) {
      const gone = here;
      here = here.nextSibling;
      gone.remove();
    }
    if (same === here) here = here.nextSibling;
    else old.insertBefore(same, here);
    morph(same, wanted);
  }
  while (here) {
    const gone = here;
    here = here.nextSibling;
    gone.remove();
  }
}

function put(name, html) {
  const region = document.querySelector(`[data-region="${name}"]`);
  if (!region) return;
  const lines = region.querySelector("[data-scroll]");
  const atEnd = lines && lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 40;
  const fresh = region.cloneNode(false);
  fresh.innerHTML = html;
  const held = region.contains(document.activeElement) ? document.activeElement : null;
  const around = held && held.parentElement.closest("[tabindex]");
  const where = held && held.closest("[data-where]");
  morphChildren(region, fresh);
  if (held && !held.isConnected) successor(held, where, around)?.focus({ preventScroll: true });
  if (atEnd) lines.scrollTop = lines.scrollHeight;
  if (name === "view") {
    front();
    toWhatIsWrong();
  }
}

// What has the focus once what had it is gone: the same button drawn anew, or where the view wants it.
function successor(held, where, around) {
  const isThere = Boolean(where && where.isConnected);
  const { action } = held.dataset;
  const same = isThere && action ? where.querySelector(`[data-action="${CSS.escape(action)}"]`) : null;
  return same || (isThere && where.querySelector("[autofocus]")) || (around?.isConnected ? around : null);
}

let inFront = "";
let wrongBlock = "";

// After a try, the first field in the wrong gets the focus, as soon as it is drawn as such.
function toWhatIsWrong() {
  const field = wrongBlock && view.querySelector(`.has-error [data-block="${CSS.escape(wrongBlock)}"]`);
  if (!field) return;
  wrongBlock = "";
  (field.matches("fieldset") ? field.querySelector("input") : field).focus();
}

// Slack is out of reach while a view is open; what is behind the curtain is not Slack.
function enter() {
  if (!isBehind) {
    view.showModal();
    return;
  }
  view.show();
  for (const one of document.querySelectorAll(SLACK)) one.inert = true;
}

function leave() {
  for (const one of document.querySelectorAll(SLACK)) one.inert = false;
  view.close();
}

// The dialog is open as long as there is a view; a view that is new in front gets the focus.
function front() {
  const form = view.querySelector("form");
  if (!form) {
    if (view.open) leave();
    // Where a page began with a view, or the view was not all there was, nobody knows where to go back to.
    const isLost = inFront && document.activeElement === document.body;
    if (isLost) (document.getElementById("typed") || document.querySelector(".lines"))?.focus();
    inFront = "";
    return;
  }
  if (!view.open) enter();
  // One view becomes another screen in place: the form that opens, the review after the check.
  const screen = `${form.id} ${form.dataset.screen}`;
  if (screen === inFront) return;
  inFront = screen;
  const blocks = form.querySelector(".blocks");
  const first = form.querySelector("[autofocus]") || form.querySelector(".field :is(input, textarea, select)");
  const isInSight = first && first.getBoundingClientRect().bottom <= blocks.getBoundingClientRect().bottom;
  // What stands above a far field is read first: the consequence before the action.
  (isInSight ? first : blocks).focus({ preventScroll: true });
}

let line = null;

// A browser has six connections to one host: a window that nobody sees gives its own back.
function listen() {
  line = new EventSource(document.body.dataset.live);
  const state = document.getElementById("line");
  const late = setTimeout(() => { state.textContent = "Too many windows of the sandbox are open. Close some."; }, 5000);
  line.onmessage = (event) => {
    for (const [name, html] of Object.entries(JSON.parse(event.data))) put(name, html);
  };
  line.onopen = () => {
    clearTimeout(late);
    state.textContent = "";
    show("");
  };
  line.onerror = (event) => {
    clearTimeout(late);
    const isOver = event.target.readyState === EventSource.CLOSED;
    state.textContent = isOver ? "This window is out of date. Reload it." : "The sandbox does not answer; trying again.";
  };
}

function hush() {
  line?.close();
  line = null;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) hush();
  else if (!line) listen();
});
addEventListener("pagehide", () => {
  for (const key of [...waiting.keys()]) flush(key);
  hush();
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// ---------------------------------------------------------------- what stands where

function about(element) {
  const held = element.closest("[data-action]");
  return { where: held.closest("[data-where]").dataset.where, block: held.dataset.block, action: held.dataset.action };
}

// Not disabled, which would lose the focus: pressed again, it does nothing until the answer is there.
async function busy(button, doing) {
  button.ariaBusy = "true";
  button.ariaDisabled = "true";
  try {
    return await doing();
  } finally {
    button.ariaBusy = null;
    button.ariaDisabled = null;
  }
}

// Slack's confirm dialog: true when the person confirms, or when nothing is to be confirmed.
function confirmed(element) {
  const asked = element.dataset.confirm;
  if (!asked) return Promise.resolve(true);
  const { title, text, confirm, deny, style } = JSON.parse(asked);
  const [no, yes] = confirmation.querySelectorAll("button");
  document.getElementById("confirm-title").textContent = title;
  document.getElementById("confirm-text").textContent = text;
  no.textContent = deny;
  yes.textContent = confirm;
  yes.className = `btn ${style === "danger" ? "btn-danger" : "btn-primary"}`;
  confirmation.returnValue = "";
  confirmation.showModal();
  return new Promise((resolve) => {
    confirmation.addEventListener("close", () => resolve(confirmation.returnValue === "confirm"), { once: true });
  });
}

// ---------------------------------------------------------------- buttons and menus

document.addEventListener("click", async (event) => {
  const link = event.target.closest('a[href^="go/"]');
  if (link && isBehind) link.search = "?behind=1";
  const button = event.target.closest("button");
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || button) menu.open = false;
  }
  if (!button || button.closest("#confirm")) return;
  if (button.ariaBusy) {
    event.preventDefault();
    return;
  }
  const { dataset } = button;
  if ("press" in dataset) await press(button, []);
  else if ("option" in dataset) await press(button, [dataset.option]);
  else if ("remove" in dataset) {
    const held = button.closest("[data-combo]").querySelector("[data-action]");
    const left = several(held).filter((one) => one !== button.closest("[data-value]").dataset.value);
    await tell("change", { ...about(held), chosen: left });
  } else if ("shortcut" in dataset) await busy(button, () => tell("shortcut", { callback: dataset.shortcut }));
  else if ("messageShortcut" in dataset) {
    const { where } = button.closest("[data-where]").dataset;
    await busy(button, () => tell("message-shortcut", { where, callback: dataset.messageShortcut }));
  } else if ("close" in dataset) await tell("close", {});
  else if ("closeAll" in dataset) await tell("close", { everything: true });
});

async function press(button, chosen) {
  const held = button.closest("[data-action]");
  const what = about(button);
  if (!(await confirmed(held))) return;
  const url = button.dataset.url || held.dataset.url;
  if (url) open(url, "_blank", "noopener");
  await busy(button, () => tell("press", { ...what, chosen }));
}

// Escape closes the view in front, not the whole dialog.
view.addEventListener("cancel", (event) => {
  // A file that was not chosen after all is canceled too.
  if (event.target !== view) return;
  event.preventDefault();
  tell("close", {});
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu && isBehind && view.contains(document.activeElement)) {
    event.preventDefault();
    tell("close", {});
  }
  if (!menu) return;
  event.preventDefault();
  menu.open = false;
  menu.querySelector("summary").focus();
});

// ---------------------------------------------------------------- inputs

// What is typed is told at each pause, and whatever is still waiting before anything else is told.
function later(key, doing) {
  clearTimeout(waiting.get(key)?.timer);
  const timer = setTimeout(() => flush(key), PAUSE);
  waiting.set(key, { timer, doing });
}

function flush(key) {
  const { timer, doing } = waiting.get(key);
  clearTimeout(timer);
  waiting.delete(key);
  doing();
}

const TYPED = ["plain_text_input", "number_input", "email_text_input", "url_text_input"];

document.addEventListener("input", (event) => {
  const held = event.target.closest("[data-action]");
  if (!held) return;
  if (held.dataset.type === "external_select") search(event.target);
  else if (TYPED.includes(held.dataset.type)) {
    const what = about(held);
    later(held.id, () => tell("change", { ...what, chosen: [held.value] }));
  }
});

document.addEventListener("change", async (event) => {
  const held = event.target.closest("[data-action]");
  if (!held || TYPED.includes(held.dataset.type) || held.dataset.type === "external_select") return;
  const what = about(held);
  if (held.dataset.type === "file_input") {
    const form = new FormData();
    for (const [name, value] of Object.entries(what)) form.append(name, value);
    for (const file of event.target.files) form.append("file", file);
    await tell("attach", form);
    return;
  }
  if (!(await confirmed(held))) {
    for (const one of held.querySelectorAll("option")) one.selected = one.defaultSelected;
    for (const one of held.querySelectorAll("input")) one.checked = one.defaultChecked;
    return;
  }
  const boxes = held.matches("fieldset") ? [...held.querySelectorAll("input:checked")] : [held];
  await tell("change", { ...what, chosen: boxes.map((one) => one.value) });
});

document.addEventListener("keydown", (event) => {
  const held = event.target.closest("[data-action]");
  if (event.key !== "Enter" || event.isComposing || !held || !TYPED.includes(held.dataset.type)) return;
  if (held.matches("textarea") && !(event.metaKey || event.ctrlKey)) return;
  const what = about(held);
  if ((held.dataset.on || "").includes("on_enter_pressed")) {
    event.preventDefault();
    tell("change", { ...what, chosen: [held.value], entered: true });
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  event.preventDefault();
  if (form.matches(".view")) {
    const button = form.querySelector("[type=submit]");
    const said = await busy(button, () => tell("submit", { where: form.dataset.where }));
    wrongBlock = said.wrong || "";
    toWhatIsWrong();
  } else if (form.matches("[data-composer]")) await send(form);
  else if (form.matches("[data-deed]")) {
    const fields = Object.fromEntries(new FormData(form));
    const said = await busy(form.querySelector("button"), () => tell("behind", { deed: form.dataset.deed, fields }));
    if (!said.done) return;
    document.getElementById("line").textContent = said.done;
    // What was asked for is done: the fields show again what there is.
    for (const one of document.querySelectorAll("[data-deed]")) one.reset();
  }
});

// ---------------------------------------------------------------- lists to choose from (comboboxes)

// Where many can be chosen, those that were chosen before.
function several(held) {
  return [...held.closest("[data-combo]").querySelectorAll(".chosen [data-value]")].map((one) => one.dataset.value);
}

function choices(input) {
  return document.getElementById(input.getAttribute("aria-controls"));
}

function offer(input, groups, choose) {
  const list = choices(input);
  let count = 0;
  list.replaceChildren(...groups.map(({ label, options }) => {
    const group = document.createElement("div");
    group.role = "group";
    group.ariaLabel = label || "Choices";
    if (label) {
      const head = document.createElement("div");
      head.className = "label";
      head.textContent = label;
      group.append(head);
    }
    group.append(...options.map((one) => choice(input, one, `${list.id}-${count++}`, choose)));
    return group;
  }));
  if (!count) {
    const none = document.createElement("div");
    none.role = "option";
    none.ariaDisabled = "true";
    none.textContent = "No results";
    list.append(none);
  }
  unfold(input, list);
  input.ariaExpanded = "true";
  input.removeAttribute("aria-activedescendant");
}

function choice(input, { value, text, description }, id, choose) {
  const one = document.createElement("div");
  one.role = "option";
  one.id = id;
  one.ariaSelected = "false";
  one.textContent = text;
  if (description) {
    const more = document.createElement("small");
    more.textContent = description;
    one.append(more);
  }
  // mousedown: the input must not lose the focus first.
  one.addEventListener("mousedown", (event) => {
    event.preventDefault();
    choose({ value, text });
    shut(input);
  });
  return one;
}

// Over everything else, so that nothing moves when it opens or shuts; below the input if there is room.
function unfold(input, list) {
  const box = input.getBoundingClientRect();
  const isBelow = innerHeight - box.bottom > 240;
  list.hidden = false;
  list.popover = "manual";
  if (!list.matches(":popover-open")) list.showPopover();
  list.style.left = `${box.left}px`;
  list.style.width = `${box.width}px`;
  list.style.top = isBelow ? `${box.bottom + 4}px` : "auto";
  list.style.bottom = isBelow ? "auto" : `${innerHeight - box.top + 4}px`;
}

function shut(input) {
  const list = choices(input);
  if (list.popover && list.matches(":popover-open")) list.hidePopover();
  list.hidden = true;
  input.ariaExpanded = "false";
  input.removeAttribute("aria-activedescendant");
}

function move(input, step) {
  const options = [...choices(input).querySelectorAll("[role=option]:not([aria-disabled])")];
  if (!options.length) return;
  const at = options.findIndex((one) => one.ariaSelected === "true");
  const next = options[(at + step + options.length + (at < 0 && step < 0 ? 1 : 0)) % options.length];
  for (const one of options) one.ariaSelected = String(one === next);
  next.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", next.id);
}

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (input.role !== "combobox" || event.isComposing) return;
  const isOpen = input.ariaExpanded === "true";
  const chosen = isOpen && choices(input).querySelector("[aria-selected=true]");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!isOpen && input.closest("[data-combo]")) search(input);
    else if (isOpen) move(input, event.key === "ArrowDown" ? 1 : -1);
    else return;
  } else if (event.key === "Escape" && isOpen) shut(input);
  else if ((event.key === "Enter" || (event.key === "Tab" && input.matches("textarea"))) && isOpen && (chosen || input.matches("textarea"))) {
    if (input.matches("textarea") && !chosen) move(input, 1);
    choices(input).querySelector("[aria-selected=true]")?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
  } else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-combo]") && event.target.role === "combobox") search(event.target);
});

document.addEventListener("scroll", () => {
  const open = document.querySelector("[role=combobox][aria-expanded=true]");
  if (open) unfold(open, choices(open));
}, true);

document.addEventListener("focusout", (event) => {
  if (event.target.role === "combobox") {
    shut(event.target);
    // What was typed only to search is not what is chosen.
    if (event.target.closest("[data-combo]")) event.target.value = event.target.dataset.chosen ?? event.target.defaultValue;
  }
});

let asked = 0;
let searching = 0;

// The words that are there when the person comes to look are the choice of before: the search begins with none.
function search(input) {
  const held = input.closest("[data-action]");
  const words = input.value === (input.dataset.chosen ?? input.defaultValue) ? "" : input.value;
  if (words.length < Number(held.closest("[data-combo]").dataset.least)) return;
  const what = about(input);
  clearTimeout(searching);
  searching = setTimeout(async () => {
    const turn = ++asked;
    const { groups } = await post("options", { ...what, words });
    if (turn !== asked || document.activeElement !== input || !groups) return;
    offer(input, groups, async ({ value, text }) => {
      if (!(await confirmed(held))) return;
      input.value = text;
      input.dataset.chosen = text;
      await tell("change", { ...what, chosen: [...several(held), value] });
    });
  }, words ? PAUSE : 0);
}

// ---------------------------------------------------------------- the composer

async function send(form) {
  const typed = form.querySelector("[data-typed]");
  // A space before a slash makes it a message: it stays.
  const text = typed.value.trimEnd();
  if (!text) return;
  typed.value = "";
  if (typed.role === "combobox") shut(typed);
  const { channel, thread } = form.dataset;
  const said = await tell("say", { channel, thread, text });
  if (said.trouble && !typed.value) typed.value = text;
  grow(typed);
}

function grow(typed) {
  typed.style.height = "auto";
  typed.style.height = `${Math.min(typed.scrollHeight, 200)}px`;
}

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("[data-typed]") || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

document.addEventListener("input", (event) => {
  const typed = event.target;
  if (!typed.matches("[data-typed]")) return;
  grow(typed);
  const known = typed.form.querySelector("template");
  if (!known) return;
  const begun = /^\/\S*$/.test(typed.value);
  const found = begun ? JSON.parse(known.content.textContent).filter(({ value }) => value !== typed.value && value.startsWith(typed.value.toLowerCase())) : [];
  if (!found.length) {
    shut(typed);
    return;
  }
  offer(typed, [{ label: "", options: found }], ({ value }) => {
    typed.value = `${value} `;
    grow(typed);
  });
});

// ---------------------------------------------------------------- and on

for (const lines of document.querySelectorAll("[data-scroll]")) lines.scrollTop = lines.scrollHeight;
front();
listen();
