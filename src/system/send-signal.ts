/**
 * `gone`: no process has this pid any more. Callers make sure that it is the one that is meant.
 * @throws the system's error for every other reason, such as EPERM.
 */
export function sendSignal(pid: number, signal: NodeJS.Signals): 'sent' | 'gone' {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
    throw error;
  }
}
