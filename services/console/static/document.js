// The marked text: switch kinds on and off, show what a mark is, move from one mention to the next.
const text = document.getElementById("text");
const card = document.getElementById("card");
const told = document.getElementById("told");
const segments = [...text.querySelectorAll(".seg")];
const marksOf = (segment) => segment.dataset.marks.split(" ");
let chosen = null;
let hiding = 0;

const off = new Set(JSON.parse(localStorage.getItem("off") || '["summary"]'));
function shownKinds() {
  for (const chip of document.querySelectorAll(".chip")) {
    chip.setAttribute("aria-pressed", !off.has(chip.dataset.kind));
    text.classList.toggle(`off-${chip.dataset.kind}`, off.has(chip.dataset.kind));
  }
  for (const segment of segments) {
    const shown = [...segment.classList].some((name) => name.startsWith("k-") && !off.has(name.slice(2)));
    segment.tabIndex = shown ? 0 : -1;
  }
}
document.querySelector(".kinds")?.addEventListener("click", (event) => {
  const kind = event.target.closest(".chip")?.dataset.kind;
  if (!kind) return;
  if (!off.delete(kind)) off.add(kind);
  localStorage.setItem("off", JSON.stringify([...off]));
  shownKinds();
});
shownKinds();

const rowOf = (id) => document.getElementById(id);
const mentions = (id) => {
  const found = [];
  for (const segment of segments) {
    const before = segments[segments.indexOf(segment) - 1];
    const goesOn = before && before.nextSibling === segment && marksOf(before).includes(id);
    if (marksOf(segment).includes(id) && !goesOn) found.push(segment);
  }
  return found;
};

function fill(segment) {
  const rows = marksOf(segment)
    .map(rowOf)
    .filter((row) => row && !off.has(row.dataset.kind));
  card.replaceChildren(
    ...rows.map((row) => {
      const shown = document.createElement("div");
      shown.className = `entry k-${row.dataset.kind}`;
      shown.append(...[...row.childNodes].map((node) => node.cloneNode(true)));
      return shown;
    }),
  );
  return rows.length > 0;
}

function place(segment) {
  const at = segment.getClientRects()[0];
  card.hidden = false;
  const left = Math.min(Math.max(8, at.left), document.documentElement.clientWidth - card.offsetWidth - 8);
  const above = at.bottom + card.offsetHeight + 16 > innerHeight && at.top > card.offsetHeight + 16;
  card.style.left = `${left + scrollX}px`;
  card.style.top = `${(above ? at.top - card.offsetHeight - 6 : at.bottom + 6) + scrollY}px`;
}

function show(segment) {
  clearTimeout(hiding);
  if (!chosen && fill(segment)) place(segment);
}
function hide() {
  hiding = setTimeout(() => {
    if (!chosen) card.hidden = true;
  }, 150);
}

function choose(id, segment) {
  clear();
  chosen = id;
  const all = mentions(id);
  for (const one of segments) one.classList.toggle("chosen", marksOf(one).includes(id));
  if (!fill(segment)) return clear();
  if (id.startsWith("entity-")) {
    const bar = document.createElement("div");
    bar.className = "walk";
    const at = all.indexOf(segment);
    const count = document.createElement("span");
    count.textContent = `${at + 1} of ${all.length} in this text`;
    const step = (label, by) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", () => {
        const next = all[(at + by + all.length) % all.length];
        next.scrollIntoView({ block: "center" });
        choose(id, next);
        card.querySelectorAll(".walk button")[by < 0 ? 0 : 1].focus();
      });
      return button;
    };
    const everywhere = document.createElement("a");
    everywhere.href = rowOf(id).querySelector("a").href;
    everywhere.textContent = "In all documents";
    bar.append(count, ...(all.length > 1 ? [step("Previous", -1), step("Next", 1)] : []), everywhere);
    card.append(bar);
    told.textContent = `${rowOf(id).dataset.entity}: ${count.textContent}`;
  }
  segment.after(card); // so that the next Tab leads into it
  place(segment);
}

function clear() {
  chosen = null;
  card.hidden = true;
  if (card.parentElement !== document.body) document.body.append(card);
  for (const one of segments) one.classList.remove("chosen");
}

text.addEventListener("mouseover", (event) => event.target.closest(".seg") && show(event.target.closest(".seg")));
text.addEventListener("mouseout", hide);
text.addEventListener("focusin", (event) => event.target.closest(".seg") && show(event.target.closest(".seg")));
text.addEventListener("focusout", hide);
card.addEventListener("mouseenter", () => clearTimeout(hiding));
card.addEventListener("mouseleave", hide);
text.addEventListener("click", (event) => {
  const segment = event.target.closest(".seg");
  if (!segment || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const shown = marksOf(segment).filter((id) => !off.has(rowOf(id)?.dataset.kind));
  const id = shown.find((one) => one.startsWith("entity-")) || shown[0];
  if (!id) return;
  const first = mentions(id).find((one) => one === segment) || segment;
  choose(id, first);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || card.hidden) return;
  const back = card.contains(document.activeElement) ? card.previousElementSibling : null;
  clear();
  back?.focus();
  card.hidden = true;
});
document.addEventListener("click", (event) => {
  if (chosen && event.target.isConnected && !event.target.closest(".seg, .card")) clear();
});
for (const row of document.querySelectorAll(".found [data-kind]")) {
  const light = (on) => {
    if (chosen) return;
    for (const one of segments) one.classList.toggle("chosen", on && marksOf(one).includes(row.id));
  };
  for (const name of ["mouseenter", "focusin"]) row.addEventListener(name, () => light(true));
  for (const name of ["mouseleave", "focusout"]) row.addEventListener(name, () => light(false));
}

// the words that were searched for: n moves to the next, p to the one before
const walk = document.getElementById("hits");
const found = [...new Set([...text.querySelectorAll("mark.hit")].map((mark) => mark.dataset.hit))];
let at = -1;
function step(by) {
  at = at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length;
  const marks = text.querySelectorAll("mark.hit");
  for (const mark of marks) mark.classList.toggle("here", mark.dataset.hit === found[at]);
  text.querySelector("mark.hit.here").scrollIntoView({ block: "center" });
  document.getElementById("hit-at").textContent = `${at + 1} of ${found.length}`;
}
if (walk && found.length) {
  walk.addEventListener("click", (event) => {
    const by = event.target.closest("[data-step]")?.dataset.step;
    if (by) step(Number(by));
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n") step(1);
    if (event.key === "p") step(-1);
  });
}
