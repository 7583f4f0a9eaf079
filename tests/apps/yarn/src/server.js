// A guest book over HTTP. Uploads are spooled to a temporary file, as real apps do.
const express = require("express");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const { name } = require("./name.json");

const app = express();
app.get("/", (request, response) => response.send(`${name}\n`));
app.get("/live", (request, response) => response.send("alive\n"));
app.get("/ready", (request, response) => response.send("ready\n"));
app.post("/upload", express.raw({ type: "*/*", limit: "10mb" }), (request, response) => {
  const file = path.join(os.tmpdir(), "upload");
  fs.writeFileSync(file, request.body);
  response.send(`${fs.readFileSync(file).length} bytes\n`);
});

const server = app.listen(process.env.PORT || 3000);
process.on("SIGTERM", () => server.close());
