// Part of a page, made by the server, which escapes what documents say.
export async function fragment(url) {
  const answer = await fetch(url, { headers: { "X-Fragment": "1" } });
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
}
