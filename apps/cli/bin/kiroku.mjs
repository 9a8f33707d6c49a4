#!/usr/bin/env node
// npm links only programs that are there when it installs, and it is not built then
import { existsSync } from 'node:fs';

// bundled, it finds the files of the packages in this repository; packed, npm has installed the packages beside it
const main = ['../bundle/main.js', '../dist/main.js'].map((file) => new URL(file, import.meta.url)).find((file) => existsSync(file));
if (main === undefined) {
  console.error('kiroku is not built: `npm run build` in its repository.');
  process.exit(1);
}
await import(main.href);
