// Places on the world: Equal Earth, drawn from Natural Earth's countries. The list beside it says the same in words.
const { geoEqualEarth, geoPath, geoGraticule10 } = d3;
const NS = "http://www.w3.org/2000/svg";
const LEAST_DEGREES = 24;
const make = (name, attributes) => {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

const world = await fetch(new URL("vendor/countries-110m.json", import.meta.url)).then((answer) => answer.json());
const land = topojson.merge(world, world.objects.countries.geometries);
const borders = topojson.mesh(world, world.objects.countries, (a, b) => a !== b);

function framed(points, width, height) {
  const projection = geoEqualEarth();
  if (!points.length) return projection.fitSize([width, height], { type: "Sphere" });
  const half = LEAST_DEGREES / 2;
  const corners = points.flatMap(({ lon, lat }) => [
    [lon - half, Math.max(-85, lat - half * 0.6)],
    [lon + half, Math.min(85, lat + half * 0.6)],
  ]);
  const middle = (Math.min(...points.map((p) => p.lon)) + Math.max(...points.map((p) => p.lon))) / 2;
  return projection.rotate([-middle, 0]).fitExtent(
    [[14, 14], [width - 14, height - 14]],
    { type: "MultiPoint", coordinates: corners },
  );
}

for (const box of document.querySelectorAll("[data-map]")) {
  const whole = box.dataset.map === "world";
  const rows = [...document.querySelectorAll("[data-lon]")];
  const points = rows.map((row) => ({
    row,
    name: row.dataset.place,
    href: row.querySelector("a")?.getAttribute("href"),
    count: Number(row.dataset.count || 1),
    lon: Number(row.dataset.lon),
    lat: Number(row.dataset.lat),
  }));
  const [width, height] = whole ? [960, 470] : [360, 230];
  const projection = framed(whole ? [] : points, width, height).clipExtent([[0, 0], [width, height]]);
  const path = geoPath(projection);
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}` });
  svg.append(
    make("path", { class: "sea", d: path({ type: "Sphere" }) || "" }),
    make("path", { class: "grid", d: path(geoGraticule10()) || "" }),
    make("path", { class: "land", d: path(land) || "" }),
    make("path", { class: "borders", d: path(borders) || "" }),
  );
  const most = Math.max(...points.map((point) => point.count), 1);
  for (const { row, name, href, count, lon, lat } of points.sort((a, b) => b.count - a.count)) {
    const [x, y] = projection([lon, lat]) || [];
    if (x === undefined) continue;
    const spot = make("circle", { cx: x, cy: y, r: whole ? 3 + 11 * Math.sqrt(count / most) : 5 });
    const title = make("title", {});
    title.textContent = count > 1 ? `${name}: ${count} documents` : name;
    spot.append(title);
    const link = make("a", { href: href || `#${row.id}`, tabindex: -1 });
    link.append(spot);
    svg.append(link);
    const light = (on) => () => spot.classList.toggle("lit", on);
    row.addEventListener("mouseenter", light(true));
    row.addEventListener("mouseleave", light(false));
    row.addEventListener("focusin", light(true));
    row.addEventListener("focusout", light(false));
  }
  if (!whole) {
    const placed = [];
    for (const { name, lon, lat } of points) {
      const [x, y] = projection([lon, lat]) || [];
      const size = name.length * 6.2;
      const left = x + 8 + size > width;
      const box = { x: left ? x - 8 - size : x + 8, y, size };
      const free = placed.every((o) => Math.abs(o.y - y) > 12 || box.x > o.x + o.size || o.x > box.x + size);
      if (x === undefined || !free) continue;
      placed.push(box);
      const label = make("text", { x: left ? x - 8 : x + 8, y: y + 4, "text-anchor": left ? "end" : "start" });
      label.textContent = name;
      svg.append(label);
    }
  }
  box.append(svg);
}
