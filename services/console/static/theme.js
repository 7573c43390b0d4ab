// Before anything is painted: the colours that were chosen here, if any; else the system's.
const chosen = localStorage.getItem("theme");
if (chosen) document.documentElement.dataset.theme = chosen;
