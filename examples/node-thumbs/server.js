// Votes over HTTP. Uploads are spooled to a temporary file, as real apps do.
const express = require("express");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const app = express();
let votes = 0;

app.get("/", (request, response) => response.send(`${votes} thumbs up\n`));
app.get("/healthz", (request, response) => response.send("alive\n"));
app.get("/readyz", (request, response) => response.send("ready\n"));
app.post("/up", (request, response) => response.send(`${++votes} thumbs up\n`));
app.post("/upload", express.raw({ type: "*/*", limit: "10mb" }), (request, response) => {
  const file = path.join(os.tmpdir(), "upload");
  fs.writeFileSync(file, request.body);
  response.send(`${request.body.length} bytes\n`);
});

const server = app.listen(process.env.PORT || 3000);
process.on("SIGTERM", () => server.close());
