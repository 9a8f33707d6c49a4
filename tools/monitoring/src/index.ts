export { monitoringFiles } from './files.ts';
export { type Input, type Limit, type Run, stepSeconds } from './limits/limit.ts';
export { limits } from './limits/limits.ts';
