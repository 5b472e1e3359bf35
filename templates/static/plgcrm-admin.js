// The little that HTML and CSS cannot do. Every page works without it.
"use strict";

// Buttons to copy what is there to be pasted.
function offerCopy(root) {
  if (!navigator.clipboard) return;
  for (const box of root.querySelectorAll("[data-copy]:not([data-copies])")) {
    box.dataset.copies = "";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(box.querySelector("code").textContent);
      button.textContent = "Copied";
    });
    box.append(button);
  }
}

// What cannot be undone asks once more.
document.addEventListener("submit", (event) => {
  const words = event.target.dataset && event.target.dataset.confirm;
  if (words && !window.confirm(words)) event.preventDefault();
});

// The list of signals closes when one turns elsewhere, or with Escape.
function closeOpenLists(except) {
  for (const list of document.querySelectorAll("details.of-signals[open]")) {
    if (list !== except) list.open = false;
  }
}
document.addEventListener("click", (event) => closeOpenLists(event.target.closest("details.of-signals")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const list = event.target.closest && event.target.closest("details.of-signals[open]");
  if (list) {
    list.open = false;
    list.querySelector("summary").focus();
  }
});

// The head of the list of signals names what is chosen.
document.addEventListener("change", (event) => {
  const list = event.target.closest && event.target.closest("details.of-signals");
  if (!list) return;
  const names = Array.from(list.querySelectorAll("input:checked"), (box) => box.parentElement.textContent.trim());
  list.querySelector(".chosen").textContent = names.join(", ") || "any activity";
});

// Enter in the search of “Who is it?” asks for names; it does not save the form around it.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.closest && event.target.closest(".who .find input")) event.preventDefault();
});

// After a button has drawn the tree again, the focus goes to what was added.
document.addEventListener("htmx:afterSettle", () => {
  const builder = document.querySelector(".builder[data-fresh]");
  if (!builder) return;
  const fresh = document.getElementById(`${builder.id.replace("builder-", "")}-${builder.dataset.fresh}`);
  delete builder.dataset.fresh;
  const control = fresh && fresh.querySelector("select, input:not([type=hidden])");
  if (control) control.focus();
});

// When the server cannot answer, it says so where the answer would stand; what was typed stays.
for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(name, (event) => {
    const place = event.detail.target;
    if (!place) return;
    const words = document.createElement("p");
    words.className = "problem";
    words.setAttribute("role", "alert");
    words.textContent = "That did not reach the server. What you typed is still here: try again, or reload the page.";
    for (const old of place.querySelectorAll(":scope > [role=alert]")) old.remove();
    place.append(words);
  });
}

// A criterion that is being edited is not lost by leaving the page unawares.
let edited = false;
document.addEventListener("input", (event) => {
  if (event.target.closest && event.target.closest(".criterion.open, .change-form form")) edited = true;
});
document.addEventListener("submit", () => { edited = false; });
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.closest && !document.querySelector(".criterion.open")) edited = false;
});
window.addEventListener("beforeunload", (event) => { if (edited) event.preventDefault(); });

document.addEventListener("DOMContentLoaded", () => {
  offerCopy(document);
  if (window.matchMedia("(max-width: 767px)").matches) {
    for (const fold of document.querySelectorAll("[data-fold-on-phone]")) fold.open = false;
  }
});
document.addEventListener("htmx:afterSwap", (event) => offerCopy(event.target));

// A slug follows the name until somebody writes it by hand.
const slugOf = (text) =>
  text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");

document.addEventListener("DOMContentLoaded", () => {
  const follows = document.getElementById("follows");
  for (const { id, dependency_ids, maxLength } of follows ? JSON.parse(follows.dataset.fields) : []) {
    const slug = document.querySelector(id);
    const sources = dependency_ids.map((each) => document.querySelector(each));
    if (!slug || slug.value) continue;
    let byHand = false;
    slug.addEventListener("input", () => { byHand = slug.value !== ""; });
    const follow = () => { if (!byHand) slug.value = slugOf(sources.map((each) => each.value).join(" ")).slice(0, maxLength || 50); };
    for (const each of sources) each.addEventListener("input", follow);
  }
});
