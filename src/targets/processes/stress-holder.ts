/** The harness's side of the process that holds a stress on processes that Gauntlet did not start. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { MemoryStressState } from '../../core/acts/memory-acts.ts';
import { GauntletError } from '../../core/errors.ts';
import type { Ms } from '../../core/units.ts';
import { readStreamLines } from '../../system/bounded-lines.ts';
import { processStat } from '../../system/proc.ts';
import { requireProgram } from '../../system/project.ts';
import type { ProcessIdentity } from '../../system/sandbox/state.ts';
import {
  HOLDER,
  type HolderAnswer,
  type HolderWord,
  type OrderOf,
  type Request,
  type StressKind,
} from './stress-order.ts';

/** A busy machine starts a program in seconds, and a spinner is one too. */
const BEGIN_MS = 15_000;
const ANSWER_MS = 5000;

export interface StressHolder<Kind extends StressKind = StressKind> {
  readonly identity: ProcessIdentity;
  readonly order: OrderOf<Kind>;
  /** What it has started: spinners or hogs. */
  readonly helpers: readonly ProcessIdentity[];
  /** False when it has ended. @throws unavailable when it does not answer. */
  renew(ttl: Ms): Promise<boolean>;
  /** Empty when it has ended. @throws unavailable when it does not answer. */
  memory(): Promise<readonly MemoryStressState[]>;
}

/** Resolves when everything is in place. @throws what the holder says, unavailable when it says nothing. */
export async function startHolder<Kind extends StressKind>(
  order: OrderOf<Kind>,
): Promise<StressHolder<Kind>> {
  // A session of its own: neither Ctrl-C nor the end of the terminal reaches it.
  const child = spawn(process.execPath, [requireProgram(HOLDER), JSON.stringify(order)], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: '/',
  });
  const { id } = order.stress;
  const talk = new Talk(child, id);
  const startTicks = processStat(child.pid ?? 0)?.startTicks ?? '';
  const word = await talk.next((one) => one.kind !== 'answer', BEGIN_MS);
  if (word?.kind === 'failed') throw new GauntletError(word.error, word.problems);
  if (word?.kind !== 'begun') throw silent(id);
  let number = 0;
  const ask = async (ttlMs: number | null): Promise<HolderAnswer | undefined> => {
    number += 1;
    const request: Request = { number, ttlMs };
    child.stdin?.write(`${JSON.stringify(request)}\n`);
    const isIt = (one: HolderWord): boolean => one.kind === 'answer' && one.number === request.number;
    const answer = await talk.next(isIt, ANSWER_MS);
    return answer?.kind === 'answer' ? answer : undefined;
  };
  return {
    identity: { pid: child.pid ?? 0, startTicks },
    order,
    helpers: word.helpers,
    renew: async (ttlMs) => (await ask(ttlMs))?.renewed ?? false,
    memory: async () => (await ask(null))?.memory ?? [],
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
