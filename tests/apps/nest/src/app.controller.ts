// Bills over HTTP. Uploads are spooled to a temporary file, as real apps do.
import { createReadStream, createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Controller, Get, HttpCode, Post, Req } from "@nestjs/common";
import type { Request } from "express";

@Controller()
export class AppController {
  @Get("/livez")
  live() {
    return "alive\n";
  }

  @Get("/readyz")
  ready() {
    return "ready\n";
  }

  @Post("/upload")
  @HttpCode(200)
  async upload(@Req() request: Request) {
    const file = join(tmpdir(), "upload");
    await pipeline(request, createWriteStream(file));
    let read = 0;
    for await (const part of createReadStream(file)) read += part.length;
    return `${read} bytes\n`;
  }
}
