// On every page: the colours, and the key that moves to the search field.
const root = document.documentElement;
const button = document.getElementById("theme");
const system = matchMedia("(prefers-color-scheme: dark)");
const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
const show = () => {
  button.setAttribute("aria-pressed", dark());
  document.dispatchEvent(new Event("colours"));
};
button.addEventListener("click", () => {
  root.dataset.theme = dark() ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
  show();
});
system.addEventListener("change", show);
show();

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const find = document.getElementById("find") || document.getElementById("q");
    if (find) {
      event.preventDefault();
      find.focus();
    }
  }
});
