/**
 * Signals exactly one process of a test. `process.kill` takes 0 for the caller's whole process group, which
 * is the test runner: a pid that was read from a file before anything was in it once ended a whole suite.
 */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`expected the pid of one process, got ${pid}`);
  process.kill(pid, signal);
}
