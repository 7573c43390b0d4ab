// Uses the API by the types that openapi-typescript makes of its OpenAPI document.
import createClient from "openapi-fetch";
import type { paths } from "./api";

const [url, key, collection] = process.argv.slice(2);
const desk = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

const { data: accepted, error: refused } = await desk.POST("/v1/documents", {
  params: { query: { collection, publisher: "North Wire" } },
  body: { text: "Ferry order\n\nOSLO (North Wire) - The yard won an order of $2 million." },
});
if (refused) throw new Error(refused.detail);
if (!("id" in accepted)) throw new Error("one document has one id");

for (;;) {
  const { data: found, error } = await desk.GET("/v1/documents", { params: { query: { collection: [collection], limit: 5 } } });
  if (error) throw new Error(error.detail);
  const document = found.documents[0];
  if (document.status === "done") {
    console.log(document.title, found.documents.length);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
}
