#!/usr/bin/env node
// npm links only programs that are there when it installs, and it is not built then
import '../bundle/main.js';
