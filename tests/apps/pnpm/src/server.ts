// Search over HTTP. Uploads are spooled to a temporary file, as real apps do.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fastify } from "fastify";

const app = fastify();
app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
app.get("/livez", async () => "alive\n");
app.get("/readyz", async () => "ready\n");
app.post<{ Body: Buffer }>("/upload", async (request) => {
  const folder = await mkdtemp(join(tmpdir(), "upload-"));
  const file = join(folder, "body");
  await writeFile(file, request.body);
  const read = await readFile(file);
  await rm(folder, { recursive: true });
  return `${read.length} bytes\n`;
});

await app.listen({ host: "0.0.0.0", port: Number(process.env.PORT ?? 3000) });
process.on("SIGTERM", () => void app.close());
