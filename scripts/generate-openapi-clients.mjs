// Writes apps/client-service/src/generated from the services' routes, or compares it with `--check`. The generator has its own
// workspace, as it needs another TypeScript.
import '../tools/openapi/generate.mjs';
