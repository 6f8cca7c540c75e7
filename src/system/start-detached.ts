/**
 * Starts one of our programs in a session of its own: neither Ctrl-C nor the end of the terminal reaches it.
 */
import { spawn } from 'node:child_process';
import { requireProgram } from './project.ts';

/**
 * Resolves when the program has said its first word on stdout; from then on it lives without its caller.
 * @param stderr where its errors go. @returns false: it ended, or could not be started, without a word.
 */
export async function startDetached(
  program: string,
  args: readonly string[],
  stderr: number | 'ignore' = 'ignore',
): Promise<boolean> {
  const child = spawn(process.execPath, [requireProgram(program), ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', stderr],
    cwd: '/',
  });
  const spoke = await new Promise<boolean>((resolve) => {
    child.stdout?.once('data', () => resolve(true));
    child.once('close', () => resolve(false));
    child.once('error', () => resolve(false));
  });
  if (!spoke) return false;
  child.unref();
  child.stdout?.destroy();
  return true;
}
