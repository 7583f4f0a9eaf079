// The weather over HTTP. Uploads are spooled to a temporary file, as real apps do.
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();
app.get("/livez", (context) => context.text("alive\n"));
app.get("/readyz", (context) => context.text("ready\n"));
app.post("/upload", async (context) => {
  const file = join(tmpdir(), "upload");
  await writeFile(file, Buffer.from(await context.req.arrayBuffer()));
  return context.text(`${(await readFile(file)).length} bytes\n`);
});

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT || 3000) });
process.on("SIGTERM", () => server.close());
