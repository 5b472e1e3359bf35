// Sends a chosen or dropped file in pieces, each again until it has arrived. Without this a small file goes as a form.
"use strict";

const TRIES = 6;

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("[data-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector(".drop");
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name !== "drop" || !event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      upload(form, input.files[0]);
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.files.length) upload(form, input.files[0]);
  });
});

async function upload(form, file) {
  const problem = form.querySelector(".problem");
  const sending = form.querySelector(".sending");
  const button = form.querySelector("button");
  problem.textContent = "";
  button.disabled = true;
  sending.hidden = false;
  const show = (done) => {
    sending.querySelector("progress").value = done * 100;
    sending.querySelector("p").textContent = `${Math.floor(done * 100)} % of ${file.name} uploaded`;
  };
  try {
    const cut = await begun(form, file);
    for (let number = 0; number < cut.pieces; number += 1) {
      show(number / cut.pieces);
      if (cut.have.includes(number)) continue;
      const piece = file.slice(number * cut.pieceBytes, (number + 1) * cut.pieceBytes);
      await sent(form, cut.pieceAddress.replace(/0\/$/, `${number}/`), piece);
    }
    show(1);
    window.location = cut.after;
  } catch (error) {
    problem.textContent = error.message;
    sending.hidden = true;
    button.disabled = false;
  }
}

// A new upload, or the rest of one that was interrupted.
async function begun(form, file) {
  const kept = form.dataset;
  if (kept.size) {
    if (Number(kept.size) !== file.size) throw new Error("This is another file: its size differs. Choose the same one, or discard this upload and start again.");
    const have = kept.have ? kept.have.split(",").map(Number) : [];
    return { pieces: Number(kept.pieces), pieceBytes: Number(kept.pieceBytes), pieceAddress: kept.pieceAddress, after: kept.after, have };
  }
  const body = new URLSearchParams({ name: file.name, size: file.size, kind: form.elements.kind.value });
  const cut = await sent(form, kept.begin, body, 1);
  Object.assign(kept, { size: file.size, pieces: cut.pieces, pieceBytes: cut.pieceBytes, pieceAddress: cut.pieceAddress, after: cut.after });
  return { ...cut, have: [] };
}

async function sent(form, address, body, tries = TRIES) {
  const token = form.elements.csrfmiddlewaretoken.value;
  for (let left = tries; ; left -= 1) {
    let answer = null;
    try {
      answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token }, credentials: "same-origin" });
    } catch {
      // No connection: the piece is sent again below.
    }
    if (answer && answer.ok) return answer.json();
    if (answer && answer.status === 422) throw new Error((await answer.json()).message);
    if (left <= 1) throw new Error("The server cannot be reached. What has arrived is kept: choose Upload to go on.");
    await new Promise((wake) => setTimeout(wake, 500 * 2 ** (tries - left)));
  }
}
