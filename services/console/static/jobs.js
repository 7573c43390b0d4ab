// While a job runs, the list is refreshed every few seconds.
import { fragment } from "./fragment.js";

const box = document.getElementById("jobs");
async function look() {
  const html = document.hidden || box.contains(document.activeElement) ? null : await fragment(location.href).catch(() => null);
  if (html !== null) box.innerHTML = html;
  if (html === null || box.querySelector("[data-running]")) setTimeout(look, 3000);
}
if (box.querySelector("[data-running]")) setTimeout(look, 3000);
