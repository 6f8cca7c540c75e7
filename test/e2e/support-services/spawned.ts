/** Child processes of a test: started, waited for, and certainly ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

export interface Spawned {
  readonly child: ChildProcess;
  /** What it wrote on stdout and stderr so far. */
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Makes foreign programs die with this process, however it dies; util-linux has it nearly everywhere. */
const SETPRIV = '/usr/bin/setpriv';

/** stdin is a pipe that stays open; it closes when this process dies, which our own programs take as their end. */
export function run(command: string, args: readonly string[], env: Record<string, string> = {}): Spawned {
  const whole = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--', command] : [command];
  const [program = command, ...first] = whole;
  const child = spawn(program, [...first, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let text = '';
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-20_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(String(error))));
  return {
    child,
    output: () => text,
    stop: async (signal = 'SIGKILL') => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill(signal);
      await ended;
    },
  };
}

/** Asks again every `everyMs` until the answer is true. @throws after `timeoutMs`, with what `explain` says. */
export async function until(
  ask: () => boolean | Promise<boolean>,
  options: { readonly timeoutMs: number; readonly everyMs?: number; readonly explain?: () => string },
): Promise<void> {
  const end = performance.now() + options.timeoutMs;
  for (;;) {
    if (await ask()) return;
    if (performance.now() > end)
      throw new Error(`not true within ${options.timeoutMs} ms. ${options.explain?.() ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 20));
  }
}
