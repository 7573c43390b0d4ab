// Places on the world: Equal Earth, drawn from Natural Earth's countries. The list beside it says the same in words.
// On the page of all places the map zooms, and places that would overlap are shown as one spot.
const { geoEqualEarth, geoPath, geoGraticule10 } = d3;
const NS = "http://www.w3.org/2000/svg";
const LEAST_DEGREES = 24;
const MOST_ZOOM = 24;
const STEP = 1.8;
const APART = 4; // pixels between two spots
const NAMED = 6; // places of a group whose names are shown
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

function pointsOf() {
  return [...document.querySelectorAll("[data-lon]")].map((row) => ({
    row,
    name: row.dataset.place,
    href: row.querySelector("a")?.getAttribute("href"),
    count: Number(row.dataset.count || 1),
    lon: Number(row.dataset.lon),
    lat: Number(row.dataset.lat),
  }));
}

function drawn(projection, width, height) {
  const path = geoPath(projection);
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const ground = make("g", { class: "ground" });
  ground.append(
    make("path", { class: "sea", d: path({ type: "Sphere" }) || "" }),
    make("path", { class: "grid", d: path(geoGraticule10()) || "" }),
    make("path", { class: "land", d: path(land) || "" }),
    make("path", { class: "borders", d: path(borders) || "" }),
  );
  const spots = make("g", { class: "spots" });
  svg.append(ground, spots);
  return { svg, ground, spots };
}

function spot(group, x, y, radius, scale = 1) {
  const first = group[0];
  const circle = make("circle", { cx: x, cy: y, r: radius });
  const title = make("title", {});
  const named = group.slice(0, NAMED).map(({ name, count }) => (count > 1 ? `${name}: ${count} documents` : name));
  title.textContent = named.join(", ") + (group.length > NAMED ? ` and ${group.length - NAMED} more` : "");
  circle.append(title);
  const link = make("a", { href: first.href || `#${first.row.id}`, tabindex: -1 });
  link.append(circle);
  if (group.length > 1) {
    link.classList.add("several");
    const number = make("text", { x, y: y + 3.5 * scale, "text-anchor": "middle" });
    number.style.fontSize = `${10 * scale}px`;
    number.textContent = group.length;
    link.append(number);
  }
  for (const { row } of group) row.spot = circle;
  return link;
}

// Each group has its most frequent place first, at whose position it is shown.
function grouped(points, at, radius) {
  const groups = [];
  for (const point of points) {
    const [x, y] = at(point);
    const near = groups.find((one) => Math.hypot(one.x - x, one.y - y) < radius(one.members[0]) + radius(point) + APART);
    if (near) near.members.push(point);
    else groups.push({ x, y, members: [point] });
  }
  return groups;
}

function whole(box) {
  const [width, height] = [960, 470];
  const projection = framed([], width, height);
  const { svg, ground, spots } = drawn(projection, width, height);
  const points = pointsOf().sort((a, b) => b.count - a.count);
  for (const point of points) point.at = projection([point.lon, point.lat]);
  const most = Math.max(...points.map((point) => point.count), 1);
  const size = () => svg.clientWidth ? Math.max(1, 620 / svg.clientWidth) : 1; // spots stay large enough for a finger
  const radius = (point) => size() * (5 + 9 * Math.sqrt(point.count / most));
  const view = { k: 1, x: 0, y: 0 };
  const buttons = Object.fromEntries([...box.querySelectorAll("[data-zoom]")].map((one) => [one.dataset.zoom, one]));

  function show() {
    view.k = Math.min(MOST_ZOOM, Math.max(1, view.k));
    view.x = Math.min(0, Math.max(width * (1 - view.k), view.x));
    view.y = Math.min(0, Math.max(height * (1 - view.k), view.y));
    ground.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.k})`);
    const at = ({ at: [x, y] }) => [x * view.k + view.x, y * view.k + view.y];
    spots.replaceChildren();
    for (const { x, y, members } of grouped(points, at, radius)) {
      if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
      const link = spot(members, x, y, radius(members[0]), size());
      spots.append(link);
      if (members.length > 1 && view.k < MOST_ZOOM)
        link.addEventListener("click", (event) => {
          event.preventDefault();
          closer(members);
        });
    }
    svg.classList.toggle("zoomed", view.k > 1);
    buttons.in.disabled = view.k >= MOST_ZOOM;
    buttons.out.disabled = buttons.all.disabled = view.k <= 1;
  }

  function zoom(by, x = width / 2, y = height / 2) {
    const k = Math.min(MOST_ZOOM, Math.max(1, view.k * by));
    view.x = x - ((x - view.x) * k) / view.k;
    view.y = y - ((y - view.y) * k) / view.k;
    view.k = k;
    show();
  }

  // so that the places of a group come apart
  function closer(members) {
    const xs = members.map(({ at }) => at[0]);
    const ys = members.map(({ at }) => at[1]);
    const span = Math.max((Math.max(...xs) - Math.min(...xs)) / width, (Math.max(...ys) - Math.min(...ys)) / height);
    view.k = Math.min(MOST_ZOOM, Math.max(view.k * STEP, Math.min(0.7 / (span || 0.001), view.k * 6)));
    view.x = width / 2 - (view.k * (Math.min(...xs) + Math.max(...xs))) / 2;
    view.y = height / 2 - (view.k * (Math.min(...ys) + Math.max(...ys))) / 2;
    show();
  }

  const inside = (event) => {
    const frame = svg.getBoundingClientRect();
    return [((event.clientX - frame.left) * width) / frame.width, ((event.clientY - frame.top) * height) / frame.height];
  };
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // the wheel alone scrolls the page
    event.preventDefault();
    zoom(2 ** (-event.deltaY / 200), ...inside(event));
  }, { passive: false });
  svg.addEventListener("dblclick", (event) => zoom(STEP, ...inside(event)));
  let held = null;
  svg.addEventListener("pointerdown", (event) => {
    if (view.k > 1 && !event.target.closest("a")) held = { id: event.pointerId, at: inside(event) };
  });
  svg.addEventListener("pointermove", (event) => {
    if (held?.id !== event.pointerId) return;
    const now = inside(event);
    view.x += now[0] - held.at[0];
    view.y += now[1] - held.at[1];
    held.at = now;
    show();
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) svg.addEventListener(name, () => { held = null; });
  buttons.in.addEventListener("click", () => zoom(STEP, ...(view.k === 1 && points.length ? points[0].at : [])));
  buttons.out.addEventListener("click", () => zoom(1 / STEP));
  buttons.all.addEventListener("click", () => zoom(0));
  box.append(svg);
  show();
  addEventListener("resize", show);
  return points;
}

function part(box) {
  const [width, height] = [360, 230];
  const points = pointsOf();
  const projection = framed(points, width, height).clipExtent([[0, 0], [width, height]]);
  const { svg, spots } = drawn(projection, width, height);
  points.sort((a, b) => b.count - a.count);
  for (const point of points) {
    const at = projection([point.lon, point.lat]);
    if (at) spots.append(spot([point], ...at, 5));
  }
  const placed = [];
  for (const { name, lon, lat } of points) {
    const [x, y] = projection([lon, lat]) || [];
    const size = name.length * 6.2;
    const left = x + 8 + size > width;
    const label = { x: left ? x - 8 - size : x + 8, y, size };
    const free = placed.every((o) => Math.abs(o.y - y) > 12 || label.x > o.x + o.size || o.x > label.x + size);
    if (x === undefined || !free) continue;
    placed.push(label);
    const text = make("text", { x: left ? x - 8 : x + 8, y: y + 4, "text-anchor": left ? "end" : "start" });
    text.textContent = name;
    svg.append(text);
  }
  box.append(svg);
  return points;
}

for (const box of document.querySelectorAll("[data-map]")) {
  for (const { row } of box.dataset.map === "world" ? whole(box) : part(box)) {
    const light = (on) => () => row.spot?.classList.toggle("lit", on);
    for (const name of ["mouseenter", "focusin"]) row.addEventListener(name, light(true));
    for (const name of ["mouseleave", "focusout"]) row.addEventListener(name, light(false));
  }
}
