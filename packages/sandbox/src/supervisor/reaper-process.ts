/** The supervisor's side of its reaper: starts it, registers every process with it, reports its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { GauntletError } from '../../../../src/core/errors.ts';
import { readStreamLines } from '../../../../src/system/bounded-lines.ts';
import type { Holder } from '../../../../src/system/holder.ts';
import { programPath } from '../../../../src/system/project.ts';
import type { ProcessIdentity } from '../../../../src/system/sandbox/state.ts';
import type { ReaperConfig, ReaperMessage } from '../reaper/protocol.ts';

export interface ReaperProcess {
  readonly identity: Holder;
  readonly subnet: number;
  /** Resolves when the reaper has stored it: from then on the process cannot be left behind. */
  register(identity: ProcessIdentity): Promise<void>;
  /** Ends every registered process and removes every file; resolves when that is done. */
  reap(): Promise<void>;
  readonly gone: Promise<void>;
}

/** @throws refused or unavailable, as reported by the reaper. */
export async function startReaper(config: ReaperConfig): Promise<ReaperProcess> {
  const child = spawn(
    process.execPath,
    [programPath('packages/sandbox/src/reaper/main'), JSON.stringify(config)],
    {
      // A separate session: neither Ctrl-C nor the end of the terminal reaches it.
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: '/',
    },
  );
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.stdin.on('error', () => undefined);
  const waiting = new Map<number, () => void>();
  const claimed = await claim(child, gone, (pid) => waiting.get(pid)?.());
  return {
    identity: claimed.reaper,
    subnet: claimed.subnet,
    gone,
    register: async (identity) => {
      const written = new Promise<void>((resolve) => waiting.set(identity.pid, resolve));
      child.stdin.write(`${JSON.stringify(identity)}\n`);
      await Promise.race([written, gone.then(() => Promise.reject(lost()))]);
      waiting.delete(identity.pid);
    },
    reap: async () => {
      child.stdin.end();
      await gone;
    },
  };
}

type Claimed = Extract<ReaperMessage, { kind: 'claimed' }>;

function claim(
  child: ChildProcess,
  gone: Promise<void>,
  registered: (pid: number) => void,
): Promise<Claimed> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) return reject(lost());
    const onLine = (line: string): void => {
      const message = JSON.parse(line) as ReaperMessage;
      if (message.kind === 'registered') registered(message.pid);
      else if (message.kind === 'claimed') resolve(message);
      else reject(new GauntletError(message.error, message.problems));
    };
    readStreamLines(child.stdout, onLine, () => child.kill('SIGKILL'));
    void gone.then(() => reject(lost()));
  });
}

export const lost = (): GauntletError =>
  new GauntletError('unavailable', [
    {
      subject: 'reaper of the sandbox',
      expected: 'to outlive every other process of it',
      got: 'its end',
      text: 'it exited',
      next: 'The sandbox is stopped: without its cleanup process a fault could be left behind.',
    },
  ]);
