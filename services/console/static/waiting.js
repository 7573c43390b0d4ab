// A document that is not read yet: show its stages, then the document.
import { fragment } from "./fragment.js";

const box = document.getElementById("watch");
async function look() {
  const html = await fragment(`/desk/watch?id=${box.dataset.id}`).catch(() => null);
  if (html !== null) box.innerHTML = html;
  const status = box.querySelector("[data-id]")?.dataset.status;
  if (html !== null && status !== "queued" && status !== "processing") location.reload();
  else setTimeout(look, 700);
}
setTimeout(look, 400);
