// What the server is called, for itself; installing writes it.
const fs = require("node:fs");
const path = require("node:path");

const { name } = require("../package.json");
fs.writeFileSync(path.join(__dirname, "../src/name.json"), JSON.stringify({ name }));
