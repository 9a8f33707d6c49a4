export { between, happens, pick, type Random, seededRandom } from './shopper/random.ts';
export { zipf } from './shopper/zipf.ts';
