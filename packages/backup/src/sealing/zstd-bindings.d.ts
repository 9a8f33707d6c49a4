/** What the package's own entry calls: that one leaves the level out, and takes level 3 whatever it is given. */
declare module '@mongodb-js/zstd/bindings.js' {
  const bindings: {
    readonly compress: (data: Buffer, level: number) => Promise<Buffer>;
    readonly decompress: (data: Buffer) => Promise<Buffer>;
  };
  export default bindings;
}
