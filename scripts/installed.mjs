/**
 * Is what is installed what the lock file says? Compares package-lock.json with the record that npm leaves in node_modules when it has
 * finished, so that an interrupted installation counts as none.
 */
export function isInstalled(lock, installed) {
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed.packages[path];
    if (found === undefined) return wanted.optional === true; // of another platform
    return found.version === wanted.version && found.resolved === wanted.resolved && found.integrity === wanted.integrity;
  });
}
