// Feeds over HTTP. Uploads are spooled to a temporary file, as real apps do.
import { createReadStream, createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import Koa from "koa";

const app = new Koa();
app.use(async (context) => {
  switch (`${context.method} ${context.path}`) {
    case "GET /healthz":
      context.body = "alive\n";
      break;
    case "GET /readyz":
      context.body = "ready\n";
      break;
    case "POST /upload": {
      const file = join(tmpdir(), "upload");
      await pipeline(context.req, createWriteStream(file));
      let read = 0;
      for await (const part of createReadStream(file)) read += part.length;
      context.body = `${read} bytes\n`;
    }
  }
});

const server = app.listen(process.env.PORT || 3000);
process.on("SIGTERM", () => server.close());
