// Send documents, follow them through the stages, and refresh the figures.
import { fragment } from "./fragment.js";

const WATCH_MS = 700;
const PULSE_MS = 5000;
const MOST = 100;
const AT_A_TIME = 4;
const form = document.getElementById("intake");
const said = document.getElementById("said");
let ids = [];
let watching = false;

async function pulse() {
  if (document.hidden) return;
  const box = document.getElementById("pulse");
  const html = await fragment("/desk/pulse").catch(() => null);
  if (html === null || html === box.dataset.html) return;
  const at = [...box.querySelectorAll("a")].indexOf(document.activeElement);
  box.innerHTML = box.dataset.html = html;
  if (at >= 0) box.querySelectorAll("a")[at]?.focus();
}

async function watch() {
  if (watching) return;
  watching = true;
  const box = document.getElementById("watch");
  const before = {};
  document.getElementById("watched").hidden = false;
  while (ids.length) {
    const html = await fragment(`/desk/watch?${new URLSearchParams(ids.map((id) => ["id", id]))}`).catch(() => null);
    if (html !== null) {
      const focused = document.activeElement?.closest("#watch a")?.getAttribute("href");
      if (box.innerHTML !== html) box.innerHTML = html;
      if (focused) box.querySelector(`a[href="${focused}"]`)?.focus();
      const rows = [...box.querySelectorAll("[data-id]")];
      for (const { dataset } of rows) {
        if (before[dataset.id] !== dataset.status && /done|failed/.test(dataset.status)) {
          document.getElementById("told").textContent = `${dataset.name}: ${dataset.status}`;
          pulse();
        }
        before[dataset.id] = dataset.status;
      }
      if (rows.every((row) => /done|failed/.test(row.dataset.status))) break;
    }
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  }
  watching = false;
}

async function send(name, body, headers = {}) {
  const collection = document.getElementById("collection").value;
  const url = `/v1/documents?${new URLSearchParams({ collection, watch: true })}`;
  try {
    const answer = await fetch(url, { method: "POST", body, headers });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.detail);
    ids = [found.id, ...ids.filter((id) => id !== found.id)].slice(0, MOST);
    watch();
    return found.duplicate ? `${name} is stored already.` : "";
  } catch (error) {
    return `${name} was refused: ${error.message}.`;
  }
}

async function sendAll(files) {
  const queue = [...files];
  const notes = [];
  const sender = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const body = new FormData();
      body.append("file", file);
      notes.push(await send(file.name, body));
    }
  };
  said.textContent = queue.length > AT_A_TIME ? `Sending ${queue.length} files …` : "";
  await Promise.all(Array.from({ length: AT_A_TIME }, sender));
  said.textContent = notes.filter(Boolean).join(" ");
}

if (form) {
  const drop = document.getElementById("drop");
  const files = document.getElementById("files");
  const paste = document.getElementById("paste");
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    drop.classList.remove("over");
    if (form.reportValidity()) sendAll(event.dataTransfer.files);
  });
  files.addEventListener("change", async () => {
    if (form.reportValidity()) await sendAll(files.files);
    files.value = "";
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!paste.value.trim()) {
      said.textContent = "There is nothing to send: drop a file, or paste a text.";
      return;
    }
    said.textContent = await send("The text", paste.value, { "Content-Type": "text/plain; charset=utf-8" });
    if (!said.textContent.includes("refused")) paste.value = "";
  });
  paste.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}
setInterval(pulse, PULSE_MS);
