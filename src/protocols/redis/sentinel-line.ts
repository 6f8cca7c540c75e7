/**
 * A question to the present master of Sentinels, who are asked with each question: a connection that stays on an
 * old master would be untrue.
 */
import type { Access } from '../../core/access.ts';
import { type Address, formatAddress } from '../../core/address.ts';
import type { RedisSentinels } from '../../core/redis-nodes.ts';
import { type Dialler, type Line, ServerWord } from '../line/line.ts';
import { wordOf } from './cluster-view.ts';
import { RedisLine } from './line.ts';
import { orChanged } from './or-changed.ts';
import { SentinelLines } from './sentinel-view.ts';
import { within } from './within.ts';

/** Rejects with RedisReplyError. */
export type OneQuestion = (line: RedisLine) => Promise<void>;

const MOST_ROUNDS = 5;

export const sentinelDialler = (
  nodes: RedisSentinels,
  access: Access | undefined,
  question: OneQuestion,
): Dialler => ({
  async dial(deadlineMs) {
    const sentinels = new SentinelLines(nodes, deadlineMs);
    const opened = new SentinelLine(sentinels, { access, question, deadlineMs });
    try {
      await opened.follow(await within(sentinels.master(), deadlineMs));
    } catch (error) {
      opened.close();
      throw error;
    }
    return opened;
  },
});

interface Options {
  readonly access: Access | undefined;
  readonly question: OneQuestion;
  readonly deadlineMs: number;
}

class SentinelLine implements Line {
  readonly #sentinels: SentinelLines;
  readonly #options: Options;
  #master: { readonly at: string; readonly line: RedisLine } | undefined;

  constructor(sentinels: SentinelLines, options: Options) {
    this.#sentinels = sentinels;
    this.#options = options;
  }

  get closed(): boolean {
    return this.#master?.line.closed ?? true;
  }

  close(): void {
    this.#sentinels.close();
    this.#master?.line.close();
  }

  async follow(address: Address): Promise<void> {
    const at = formatAddress(address);
    if (this.#master?.at === at) return;
    const { access, deadlineMs } = this.#options;
    const line = await RedisLine.open({ ...address, ...(access && { access }) }, deadlineMs);
    this.#master?.line.close();
    this.#master = { at, line };
  }

  async ask(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) if (await this.#isAnswered()) return;
    throw new ServerWord('its master changes again and again');
  }

  /** False: another server is the master by now, and was not asked yet. */
  async #isAnswered(): Promise<boolean> {
    const present = this.#master;
    if (present === undefined) throw new Error('connection closed');
    const answers = Promise.all([this.#sentinels.master(), this.#ask(present.line)]);
    const isElsewhere = (now: Address): boolean => formatAddress(now) !== present.at;
    // A master that hangs may have a successor.
    const answered = await orChanged(answers, async () => isElsewhere(await this.#sentinels.master()));
    const now = answered === null ? await this.#sentinels.master() : answered[0];
    const failure = answered === null ? undefined : wordOf(answered[1], present.at);
    // A connection that was lost is lost, also for a client that then finds the new master.
    if (failure !== undefined && !(failure instanceof ServerWord)) throw failure;
    if (isElsewhere(now)) {
      await this.follow(now);
      return false;
    }
    if (answered === null) return false;
    if (failure !== undefined) throw failure;
    return true;
  }

  /** The failure of an answer is judged once it is known who is the master: the old one is read-only. */
  async #ask(line: RedisLine): Promise<unknown> {
    try {
      await this.#options.question(line);
      return undefined;
    } catch (error) {
      return error ?? new Error('no answer');
    }
  }
}
