/** Web Locks that this thread holds until it ends: a worker that stops lets go of its own. */

/** False where another tab or worker holds it. */
export function holdLock(name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise<never>(() => undefined);
      })
      .catch(reject);
  });
}
