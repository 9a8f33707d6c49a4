/** For `catch`: what is so instead, if the file system says this. Throws everything else. */
export function ifCode<T>(code: 'ENOENT' | 'EEXIST', instead: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === code) return instead;
    throw error;
  };
}
