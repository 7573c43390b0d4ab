// Completion in the search field: operators, names, places and collections, as a combobox (ARIA Authoring Practices).
const input = document.getElementById("q");
const list = document.getElementById("completions");
const OPERATORS = ["actor:", "amount:", "collection:", "country:", "currency:", "entity:", "event:", "from:", "language:", "place:", "publisher:", "speaker:", "tag:", "title:", "to:", "topic:"];
const NAMED = { actor: "", entity: "", speaker: "", place: "&type=GPE" };
const PART = /(?:^|\s)(-?)(?:(\w+):(?:"([^"]*)|([^\s"]*))|([^\s":-][^\s":]+))$/u;
let asked = null;
let timer = 0;
let active = -1;
let offered = [];

function part() {
  const before = input.value.slice(0, input.selectionStart);
  const found = before.match(PART);
  if (!found) return null;
  const start = found.index + (/^\s/u.test(found[0]) ? 1 : 0);
  return { start, end: before.length, minus: found[1], field: found[2] || "", text: found[3] ?? found[4] ?? found[5] };
}

function close() {
  offered = [];
  active = -1;
  list.hidden = true;
  list.replaceChildren();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function mark(to) {
  active = (to + offered.length) % offered.length;
  [...list.children].forEach((one, at) => one.setAttribute("aria-selected", at === active));
  input.setAttribute("aria-activedescendant", `completion-${active}`);
  list.children[active].scrollIntoView({ block: "nearest" });
}

function take(at) {
  const now = part();
  if (!now) return close();
  const text = now.minus + offered[at].insert;
  input.setRangeText(text, now.start, now.end, "end");
  close();
  input.focus();
  if (/:"?$/u.test(text)) later();
}

function show(found) {
  close();
  offered = found;
  if (!found.length) return;
  found.forEach((one, at) => {
    const item = document.createElement("li");
    item.id = `completion-${at}`;
    item.role = "option";
    item.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    name.dir = "auto";
    name.textContent = one.text;
    const note = document.createElement("span");
    note.className = "meta";
    note.textContent = one.note;
    item.append(name, " ", note);
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      take(at);
    });
    list.append(item);
  });
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
}

async function json(path) {
  asked?.abort();
  asked = new AbortController();
  const answer = await fetch(path, { signal: asked.signal });
  return answer.ok ? answer.json() : {};
}

async function find({ field, text }) {
  const lower = text.toLowerCase();
  const words = field ? [] : OPERATORS.filter((one) => one.startsWith(lower)).map((one) => ({ text: one, note: "", insert: one.slice(0, -1) in NAMED ? `${one}"` : one }));
  if (field === "collection") {
    const { facets = {} } = await json("/v1/documents/facets?facets=collection&facet_size=100");
    const fits = (facets.collection || []).filter((one) => one.value.toLowerCase().startsWith(lower)).slice(0, 8);
    return fits.map((one) => ({ text: one.value, note: `${one.count}`, insert: `collection:"${one.value}" ` }));
  }
  if (text.length < 2 || (field && !(field in NAMED))) return words;
  const { entities = [] } = await json(`/v1/entities?limit=8&prefix=${encodeURIComponent(text.slice(0, 100))}${NAMED[field] || ""}`);
  const names = entities.filter((one) => !one.name.includes('"'));
  return [...words, ...names.map((one) => ({ text: one.name, note: `${one.count}`, insert: `${field || "entity"}:"${one.name}" ` }))];
}

async function complete() {
  const now = part();
  if (!now) return close();
  try {
    const found = await find(now);
    if (document.activeElement === input) show(found);
  } catch (error) {
    if (error.name !== "AbortError") close();
  }
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(complete, 150);
}

input.role = "combobox";
input.setAttribute("aria-autocomplete", "list");
input.setAttribute("aria-controls", list.id);
input.setAttribute("aria-expanded", "false");
input.addEventListener("input", later);
input.addEventListener("blur", close);
input.addEventListener("keydown", (event) => {
  if (list.hidden || event.isComposing) return;
  if (event.key === "ArrowDown") mark(active + 1);
  else if (event.key === "ArrowUp") mark(active < 0 ? offered.length - 1 : active - 1);
  else if (event.key === "Enter" && active >= 0) take(active);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
});
