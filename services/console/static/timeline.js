// Documents and events over time, from the table on the page. A click on a bar searches in its days.
const box = document.getElementById("chart");
const rows = [...document.querySelectorAll("#slots tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
const DAYS = { day: 1, week: 7, month: 31, year: 366 }[box?.dataset.by];
const UTC = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);

function draw() {
  const colour = (name) => {
    box.style.color = `var(${name})`;
    return getComputedStyle(box).color;
  };
  const times = rows.map(([day]) => Date.parse(day) / 1000);
  const [documents, events] = [1, 2].map((n) => rows.map((row) => Number(row[n]) || null));
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { stroke: colour("--rule") }, font: "12px Inter, sans-serif" };
  const bars = (align) => uPlot.paths.bars({ size: [0.45, 28], align });
  const pad = Math.max(DAYS * 86400, (times.at(-1) - times[0]) * 0.03);
  const bar = (name) => ({ fill: colour(name), stroke: colour(name), points: { show: false } });
  const chart = new uPlot(
    {
      width: box.clientWidth,
      height: 260,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
      scales: { x: { range: (_, low, high) => [low - pad, high + pad] }, y: { range: (_, low, high) => [0, Math.max(high, 4)] } },
      axes: [axis, { ...axis, size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000] }],
      series: [
        { value: (_, seconds) => (seconds == null ? "" : UTC(seconds)), label: box.dataset.by },
        { label: "documents", ...bar("--pencil"), paths: bars(-1) },
        { label: "events", ...bar("--quote"), paths: bars(1) },
      ],
      cursor: { y: false, points: { show: false } },
    },
    [times, documents, events],
    box,
  );
  box.style.color = "";
  chart.over.addEventListener("click", () => {
    const at = chart.cursor.idx;
    if (at == null || chart.select.width) return;
    const start = new Date(times[at] * 1000);
    const end = new Date(start);
    if (box.dataset.by === "month") end.setUTCMonth(end.getUTCMonth() + 1, 0);
    else if (box.dataset.by === "year") end.setUTCMonth(12, 0);
    else end.setUTCDate(end.getUTCDate() + DAYS - 1);
    const asked = { q: box.dataset.q, published_from: UTC(times[at]), published_to: UTC(end / 1000) };
    location.href = `/search?${new URLSearchParams(asked)}`;
  });
  return chart;
}

if (box && rows.length) {
  let chart = draw();
  const again = () => {
    chart.destroy();
    chart = draw();
  };
  addEventListener("resize", () => chart.setSize({ width: box.clientWidth, height: 260 }));
  document.addEventListener("colours", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
}
