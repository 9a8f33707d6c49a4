// The part of the package that keeps keys, for programs that are no service and must start quickly.
export { FileKeyStore } from './file-key-store.ts';
export { keyStoreOptions } from './key-store-options.ts';
