/** The harness's side of the process that holds a CPU stress on processes that Gauntlet did not start. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { GauntletError } from '../../core/errors.ts';
import type { Ms } from '../../core/units.ts';
import { readStreamLines } from '../../system/bounded-lines.ts';
import { processStat } from '../../system/proc.ts';
import { requireProgram } from '../../system/project.ts';
import type { ProcessIdentity } from '../../system/sandbox/state.ts';
import { HOLDER, type HolderWord, type Renewal, type StressOrder } from './stress-order.ts';

/** A busy machine starts a program in seconds, and a spinner is one too. */
const BEGIN_MS = 15_000;
const RENEW_MS = 5000;

export interface StressHolder {
  readonly identity: ProcessIdentity;
  readonly order: StressOrder;
  readonly spinners: readonly ProcessIdentity[];
  /** False when it has ended. @throws unavailable when it does not answer. */
  renew(ttl: Ms): Promise<boolean>;
}

/** Resolves when everything is in place. @throws what the holder says, unavailable when it says nothing. */
export async function startHolder(order: StressOrder): Promise<StressHolder> {
  // A session of its own: neither Ctrl-C nor the end of the terminal reaches it.
  const child = spawn(process.execPath, [requireProgram(HOLDER), JSON.stringify(order)], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: '/',
  });
  const { id } = order.stress;
  const talk = new Talk(child, id);
  const startTicks = processStat(child.pid ?? 0)?.startTicks ?? '';
  const word = await talk.next((one) => one.kind !== 'renewal', BEGIN_MS);
  if (word?.kind === 'failed') throw new GauntletError(word.error, word.problems);
  if (word?.kind !== 'begun') throw silent(id);
  let number = 0;
  return {
    identity: { pid: child.pid ?? 0, startTicks },
    order,
    spinners: word.spinners,
    async renew(ttlMs) {
      number += 1;
      const renewal: Renewal = { number, ttlMs };
      child.stdin?.write(`${JSON.stringify(renewal)}\n`);
      const isIt = (one: HolderWord): boolean => one.kind === 'renewal' && one.number === renewal.number;
      const answer = await talk.next(isIt, RENEW_MS);
      return answer?.kind === 'renewal' && answer.renewed;
    },
  };
}

class Talk {
  readonly #id: string;
  readonly #waiting = new Set<(word: HolderWord | undefined) => void>();
  #isOver = false;

  constructor(child: ChildProcess, id: string) {
    this.#id = id;
    const over = (): void => {
      this.#isOver = true;
      this.#tell(undefined);
    };
    child.once('close', over);
    child.once('error', over);
    child.stdin?.on('error', () => undefined);
    if (child.stdout) readStreamLines(child.stdout, (line) => this.#tell(JSON.parse(line)), over);
    // A held stress does not keep the harness alive: its end is the end of the stress.
    child.unref();
    for (const stream of [child.stdin, child.stdout]) (stream as Socket | null)?.unref();
  }

  /** Undefined: it has ended without it. @throws unavailable when it does not come in time. */
  next(isIt: (word: HolderWord) => boolean, withinMs: number): Promise<HolderWord | undefined> {
    return new Promise((resolve, reject) => {
      const hear = (word: HolderWord | undefined): void => {
        if (word !== undefined && !isIt(word)) return;
        clearTimeout(timer);
        this.#waiting.delete(hear);
        resolve(word);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(hear);
        reject(silent(this.#id));
      }, withinMs);
      this.#waiting.add(hear);
      if (this.#isOver) hear(undefined);
    });
  }

  #tell(word: HolderWord | undefined): void {
    for (const hear of [...this.#waiting]) hear(word);
  }
}

const silent = (id: string): GauntletError => {
  const expected = 'an answer of the process that holds it';
  return new GauntletError('unavailable', [{ subject: id, expected, got: 'none' }]);
};
