/**
 * The caller's end of the connection to a supervisor: start it, follow its progress, keep it running or let
 * it end with us.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { readStreamLines } from '../../system/bounded-lines.ts';
import { requireProgram } from '../../system/project.ts';
import { KEEP, type SandboxRequest, type SupervisorMessage } from '../../system/sandbox/protocol.ts';
import type { SandboxState } from '../../system/sandbox/state.ts';

export interface CallOptions {
  readonly owner: 'caller' | 'itself';
  readonly progress: (text: string) => void;
  readonly signal?: AbortSignal;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Its stderr, which is empty unless it crashed. */
const STDERR_KEPT = 2000;

/** @returns when the sandbox is ready and, if it owns itself, has confirmed that it continues without us. */
export async function callSupervisor(request: SandboxRequest, options: CallOptions): Promise<SandboxState> {
  const { signal, owner } = options;
  if (signal?.aborted) throw interrupted();
  const child: Child = spawn(
    process.execPath,
    [requireProgram('packages/sandbox/src/supervisor/main'), JSON.stringify(request)],
    // A separate session: Ctrl-C in the terminal reaches only the caller, which decides.
    { detached: true, stdio: ['pipe', 'pipe', 'pipe'], cwd: '/' },
  );
  child.stdin.on('error', () => undefined);
  const letGo = (): void => void child.stdin.end();
  signal?.addEventListener('abort', letGo, { once: true });
  try {
    const state = await follow(child, options);
    release(child, owner);
    return state;
  } catch (error) {
    throw signal?.aborted ? interrupted() : error;
  } finally {
    signal?.removeEventListener('abort', letGo);
  }
}

function follow(child: Child, { owner, progress }: CallOptions): Promise<SandboxState> {
  return new Promise((resolve, reject) => {
    let stderr = '';
    let failure: GauntletError | undefined;
    let ready: SandboxState | undefined;
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT);
    });
    const onLine = (line: string): void => {
      const message = JSON.parse(line) as SupervisorMessage;
      if (message.kind === 'progress') progress(message.text);
      else if (message.kind === 'failed') failure = new GauntletError(message.error, message.problems);
      else if (message.kind === 'ready') {
        ready = message.state;
        if (owner === 'itself') child.stdin.write(`${KEEP}\n`);
        else resolve(ready);
      } else if (ready) resolve(ready);
    };
    readStreamLines(child.stdout, onLine, (error) =>
      reject(ended(`unknown output: ${messageOf(error)}`, stderr)),
    );
    // `close`, not `exit`: only then has all output been read. By then it has also ended everything it had
    // started.
    child.once('close', (code, signal) => reject(failure ?? ended(signal ?? `exit ${code}`, stderr)));
    child.once('error', (error) => reject(ended(error.message, stderr)));
  });
}

/**
 * From here on neither the child nor its pipes keep this process alive; the open stdin ties the sandbox to
 * it.
 */
function release(child: Child, owner: CallOptions['owner']): void {
  child.unref();
  child.stderr.removeAllListeners('data').resume();
  for (const pipe of [child.stdin, child.stdout, child.stderr] as unknown as Socket[]) pipe.unref();
  if (owner === 'itself') {
    child.stdin.end();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

const interrupted = (): GauntletError =>
  new GauntletError('interrupted', [
    {
      subject: 'sandbox',
      expected: 'time to become ready',
      got: 'an interruption',
      next: 'Nothing is left of it.',
    },
  ]);

const ended = (got: string, stderr: string): GauntletError =>
  new GauntletError('unavailable', [
    {
      subject: 'supervisor of the sandbox',
      expected: 'to bring it up',
      got,
      ...(stderr.trim() !== '' && { next: `Its error output:\n${stderr.trim()}` }),
    },
  ]);
