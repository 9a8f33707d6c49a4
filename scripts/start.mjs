// `npm start`. No imports and no new syntax up here: an old Node must still be able to read this file and say what it needs.
const version = process.versions.node.split('.').map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  console.error(`Kiroku needs Node 20.19 or newer; this is ${process.versions.node}. Install it from https://nodejs.org and start again.`);
  process.exit(1);
}
void import('./up.mjs');
