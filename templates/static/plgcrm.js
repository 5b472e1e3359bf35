// Keys, menus, clocks and the chart's pointer. Everything here is comfort: each page works without it.
"use strict";

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const LOOK_MS = 3000;
const NOTICE_MS = 10000;
const STALE_S = 15;

/* --- Keys: never while typing, never with ctrl, alt or meta --------------------------------------------- */

const GO = { q: "/queue/", a: "/accounts/", w: "/workload/", p: "/pipeline/", r: "/reports/plays/" };
let going = false;

const typing = (target) =>
  target.isContentEditable ||
  (target.matches("input, textarea, select") && !target.matches("[type=checkbox], [type=radio], [type=button], [type=submit]"));

const press = (key) => {
  const target = one(`[data-key="${key}"]`);
  if (!target) return false;
  if (target.matches("summary")) openMenu(target.parentElement);
  else target.click();
  return true;
};

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => one("#search")?.focus(),
  "?": () => one("#keys")?.togglePopover(),
  g: () => {
    going = true;
    setTimeout(() => (going = false), 1200);
  },
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && one("#send")) {
    event.preventDefault();
    return one("#send").click();
  }
  if (event.key === "Enter" && event.target.matches?.("#edit [name=subject]")) {
    event.preventDefault();
    return one("#edit [name=body]").focus();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const menu = one("details.menu[open]");
  if (event.key === "Escape") return escape(event, menu);
  if (menu && inMenu(event, menu)) return event.preventDefault();
  if (typing(event.target)) return;
  if (going && one(`.side a[href="${GO[event.key]}"]`)) return location.assign(GO[event.key]);
  const run = KEYS[event.key];
  if (run ? run() !== false : press(event.key)) event.preventDefault();
});

function escape(event, menu) {
  if (menu) {
    menu.open = false;
    one("summary", menu).focus();
  } else if (typing(event.target)) event.target.blur();
}

/* --- Menus ----------------------------------------------------------------------------------------------- */

function openMenu(menu) {
  menu.open = true;
  (one("[data-focus]", menu) ?? one("select, .choice", menu) ?? one("summary", menu)).focus();
}

function inMenu(event, menu) {
  if (typing(event.target)) return false;
  const choices = all(".choice", menu);
  if (/^[1-9]$/.test(event.key) && choices[event.key - 1]) {
    choices[event.key - 1].click();
    return true;
  }
  const by = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
  if (!by || !choices.length) return false;
  const at = choices.indexOf(document.activeElement);
  choices[(at + by + choices.length) % choices.length].focus();
  return true;
}

document.addEventListener("click", (event) => {
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  const close = event.target.closest("[data-close]");
  if (close) close.closest(".notice").remove();
  const back = event.target.closest("[data-back]");
  if (back && one(".desk")) {
    event.preventDefault();
    history.pushState(null, "", back.href);
    show("list");
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-all]")) {
    for (const box of all("input[type=checkbox][name]", event.target.closest("table"))) box.checked = event.target.checked;
  }
  if (event.target.closest("[data-submit-on-change]")) event.target.form.submit();
});

/* --- The message: typed text outlives swaps and reloads, the clipboard, the email app -------------------- */

const form = () => one("#message-form");
const typed = () => ({ subject: one("#edit [name=subject]").value, body: one("#edit [name=body]").value });
const draftKey = () => `draft-${form().dataset.draft}`;

// Until the server has kept what is typed, the browser does.
document.addEventListener("input", (event) => {
  if (event.target.closest("#edit")) sessionStorage.setItem(draftKey(), JSON.stringify(typed()));
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, elt } = event.detail; // a refusal counts as successful to htmx
  if (!(xhr.status >= 200 && xhr.status < 300) || !form() || !elt.closest("#edit")) return;
  const sent = event.detail.requestConfig.parameters;
  const now = typed();
  if (sent.body === now.body && sent.subject === now.subject) sessionStorage.removeItem(draftKey());
});

function restoreTyped(event) {
  const kept = form() && JSON.parse(sessionStorage.getItem(draftKey()) ?? "null");
  if (!kept) return;
  const now = typed();
  const lost = kept.body !== now.body || kept.subject !== now.subject;
  if (lost) {
    one("#edit").open = true;
    one("#edit [name=subject]").value = kept.subject;
    one("#edit [name=body]").value = kept.body;
  }
  // A field that has just come may have been typed in before htmx listened to it.
  if (window.htmx && (lost || event.target.contains(one("#edit")))) htmx.trigger("#edit", "input");
}

// When htmx listens to what has come: it saves what is put back.
addEventListener("load", restoreTyped);
document.addEventListener("htmx:afterSettle", restoreTyped);

document.addEventListener("submit", (event) => {
  if (event.target === form()) sessionStorage.removeItem(draftKey());
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-copy-text]")) copyText(event.target.closest("[data-copy-text]"));
  const mail = event.target.closest("[data-email]");
  if (mail && form()) {
    const { subject, body } = typed();
    const text = encodeURIComponent(body.replace(/\n/g, "\r\n"));
    mail.href = `${mail.href.split("?")[0]}?subject=${encodeURIComponent(subject)}&body=${text}`;
  }
});

async function copyText(button) {
  if (button.ariaDisabled === "true") return say(one("#foot .blocker")?.textContent ?? "This cannot be copied yet.");
  const text = form() ? typed().body : one("#said .text").textContent;
  try {
    await navigator.clipboard.writeText(text);
    say("Copied.", "");
  } catch {
    getSelection().selectAllChildren(one("#said .text"));
    say("The browser blocked copying. The text is selected: press Ctrl+C.");
  }
}

/* --- The desk: which row is current, which pane a phone shows --------------------------------------------- */

const rows = () => all("#rows a.item");

function step(by) {
  const list = rows();
  if (!list.length) return false;
  const at = list.findIndex((row) => row.hasAttribute("aria-current"));
  const next = list[at < 0 ? 0 : at + by];
  if (!next) return by > 0 ? one("#more a")?.click() : undefined;
  markCurrent(next);
  next.click();
  next.focus({ preventScroll: true });
}

function markCurrent(row) {
  for (const other of all("#rows [aria-current]")) other.removeAttribute("aria-current");
  row?.setAttribute("aria-current", "true");
  row?.scrollIntoView({ block: "nearest" });
}

function show(view) {
  const desk = one(".desk");
  if (desk) desk.dataset.view = view;
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "item") return;
  const item = one("#item [data-item]");
  markCurrent(item && one(`#row-${item.dataset.item} a`));
  show(item ? "item" : "list");
  one("#item").scrollTop = 0;
  if (matchMedia("(width < 760px)").matches) window.scrollTo(0, 0);
  if (document.activeElement === document.body) one("#item-name")?.focus({ preventScroll: true });
  const name = one("#item-name")?.textContent.trim();
  document.title = `${name || "Queue"} · PLGCRM`;
});

/* --- Notices go after ten seconds, as undo does ------------------------------------------------------------ */

const fading = new WeakSet();

function fade() {
  for (const notice of all(".notice")) {
    if (fading.has(notice)) continue;
    fading.add(notice);
    setTimeout(() => notice.remove(), NOTICE_MS);
  }
}

document.addEventListener("htmx:oobAfterSwap", fade);
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  say(status === 403 ? "You have read-only access." : status === 404 ? "It is no longer here." : `Something went wrong (${status}). Nothing was changed; try again.`);
});
document.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt.matches("#news, #age, #pipeline")) say("The server is not responding. Nothing was changed; try again in a moment.");
});

function say(text, level = "error") {
  const notice = document.createElement("div");
  notice.className = `notice ${level}`;
  notice.append(Object.assign(document.createElement("p"), { textContent: text }));
  one("#notices").replaceChildren(notice);
  fade();
}

/* --- Clocks: the age of the numbers, what is left until a deadline ----------------------------------------- */

const span = (seconds) =>
  seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;

setInterval(() => {
  const age = one("#age");
  if (age) {
    const seconds = Number(age.dataset.seconds) + 1;
    age.dataset.seconds = seconds;
    age.classList.toggle("stale", seconds > STALE_S);
    one("span", age).textContent = `${seconds > STALE_S ? "late" : "live"}, ${span(seconds)} old`;
  }
  for (const clock of all("time[data-count]")) count(clock);
}, 1000);

function count(clock) {
  const left = Math.floor((Date.parse(clock.dateTime) - Date.now()) / 1000);
  if (left < 0 || left > 3600) return;
  const two = (n) => String(n).padStart(2, "0");
  clock.textContent = `${Math.floor(left / 3600)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;
  clock.classList.toggle("late", left < 300);
}

setInterval(() => {
  const looker = one("#news") ?? one("#age[hx-get]");
  if (looker && !document.hidden && window.htmx) htmx.trigger(looker, "look");
}, LOOK_MS);

/* --- The usage chart: a pointer reads the day, a click opens the events behind it --------------------------- */

const DAY_MS = 86400000;

function dayAt(chart, event) {
  const values = (chart.dataset.people ?? chart.dataset.values).split(",");
  const box = one("svg.plot", chart).getBoundingClientRect();
  const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  const place = Math.round(share * (values.length - 1));
  const date = new Date(Date.parse(chart.dataset.first) + place * DAY_MS);
  return { place, date, values, width: box.width };
}

document.addEventListener("pointermove", (event) => {
  const chart = event.target.closest?.(".chart");
  for (const other of all(".chart.active")) if (other !== chart) other.classList.remove("active");
  if (!chart) return;
  const { place, date, values, width } = dayAt(chart, event);
  const x = (place / (values.length - 1)) * width;
  for (const end of ["x1", "x2"]) one(".cursor", chart)?.setAttribute(end, x);
  const dot = one(".at", chart);
  dot?.setAttribute("cx", x);
  dot?.setAttribute("cy", 128 - (values[place] / Math.max(...values)) * 104);
  const words = date.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  const output = one("output", chart);
  output.textContent = `${words}: ${reading(chart.dataset, values[place], place)}`;
  output.style.translate = `${Math.min(Math.max(x - output.offsetWidth / 2, 0), width - output.offsetWidth)}px -24px`;
  chart.classList.add("active");
});

const reading = ({ unit, events }, value, place) =>
  unit ? `${value} ${value === "1" ? unit.slice(0, -1) : unit}` : `${value} ${value === "1" ? "person" : "people"}, ${events.split(",")[place]} events`;

document.addEventListener("click", (event) => {
  const chart = event.target.closest(".chart[data-href]");
  if (!chart || !event.target.closest("svg.plot")) return;
  location.assign(`${chart.dataset.href}?day=${dayAt(chart, event).date.toISOString().slice(0, 10)}`);
});

fade();
one("#rows [aria-current]")?.scrollIntoView({ block: "nearest" });
