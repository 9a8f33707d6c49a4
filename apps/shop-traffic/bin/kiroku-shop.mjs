#!/usr/bin/env node
// npm links only programs that are there when it installs, and dist is not built then
import '../dist/main.js';
