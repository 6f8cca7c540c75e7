/**
 * A question to a whole Redis Cluster: every master answers for a key of its own slots, and together they serve
 * every slot. It follows the Cluster as a client does: who has which slots is asked with each question, and
 * MOVED and ASK lead on.
 */
import type { Access } from '../../core/access.ts';
import { type Address, formatAddress, readAddress } from '../../core/address.ts';
import type { RedisCluster } from '../../core/redis-nodes.ts';
import { type Dialler, type Line, ServerWord } from '../line/line.ts';
import { discover, viewOf, wordOf } from './cluster-view.ts';
import { RedisLine } from './line.ts';
import { orChanged } from './or-changed.ts';
import { RedisReplyError, type RespValue } from './resp-reader.ts';
import { type ClusterMaster, type ClusterView, isSameView, SLOTS, slotsIn } from './slots.ts';

type Send = (args: readonly string[]) => Promise<RespValue>;

/** Of one question to one master. Rejects with RedisReplyError, of which the line sees what leads on. */
export type MasterQuestion = (send: Send, master: ClusterMaster) => Promise<void>;

/** A failover needs one; more is a Cluster whose nodes do not agree. */
const MOST_ROUNDS = 5;

export const clusterDialler = (
  { seeds }: RedisCluster,
  access: Access | undefined,
  question: MasterQuestion,
): Dialler => {
  // Who answered last comes first: a seed may be gone for good.
  let known = seeds;
  return {
    async dial(deadlineMs) {
      const { view, at, line } = await discover(known, access, deadlineMs);
      const masters = view.masters.map(({ address }) => formatAddress(address));
      known = [...new Set([...masters, ...seeds])];
      const opened = new ClusterLine(view, { access, question, deadlineMs });
      opened.adopt(at, line);
      return opened;
    },
  };
};

interface Options {
  readonly access: Access | undefined;
  readonly question: MasterQuestion;
  readonly deadlineMs: number;
}

/** What a master said: nothing but good, a word, or that its slot is somewhere else. */
type Said = undefined | ServerWord | { readonly movedTo: Address };

class ClusterLine implements Line {
  readonly #options: Options;
  readonly #lines = new Map<string, Promise<RedisLine>>();
  readonly #open = new Set<RedisLine>();
  #view: ClusterView;
  #isClosed = false;

  constructor(view: ClusterView, options: Options) {
    this.#view = view;
    this.#options = options;
  }

  get closed(): boolean {
    return this.#isClosed || [...this.#open].some((line) => line.closed);
  }

  close(): void {
    this.#isClosed = true;
    for (const line of this.#open) line.close();
  }

  /** A connection that is open already. */
  adopt(at: Address, line: RedisLine): void {
    this.#open.add(line);
    this.#lines.set(formatAddress(at), Promise.resolve(line));
  }

  async ask(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) if (await this.#isAnswered()) return;
    throw new ServerWord('MOVED again and again', `MOVED ${MOST_ROUNDS} times: its nodes do not agree`);
  }

  /** False: the Cluster has changed, and another round is needed. Rejects with the first connection lost. */
  async #isAnswered(): Promise<boolean> {
    const { masters } = this.#view;
    this.#keepOnly(masters);
    if (masters.length === 0) throw new ServerWord('no master serves a slot');
    const answers = Promise.all(
      masters.map(
        async (master) => await Promise.all([this.#viewFrom(master.address), this.#ask(master), master.id]),
      ),
    );
    // A master that hangs may have a successor, of which the others know.
    const answered = await orChanged(answers, () => this.#changed(masters));
    if (answered === null) return false;
    const moved = answered.flatMap(([, said]) => (said !== undefined && 'movedTo' in said ? [said] : []));
    if (moved[0] !== undefined) {
      this.#view = await this.#viewFrom(moved[0].movedTo);
      return false;
    }
    const other = answered.find(([view]) => !isSameView(view, this.#view))?.[0];
    // A slot is served when its own master says so: others may not have heard that it was lost.
    const served = answered.flatMap(
      ([view, , id]) => view.masters.find((one) => one.id === id)?.ranges ?? [],
    );
    const unserved = SLOTS - slotsIn(served);
    if (unserved > 0 && other !== undefined) {
      this.#view = other;
      return false;
    }
    if (unserved > 0) throw new ServerWord(`${unserved} of ${SLOTS} slots are served by no master`);
    const word = answered.flatMap(([, said]) => (said instanceof ServerWord ? [said] : []));
    if (word[0] !== undefined) throw word[0];
    return true;
  }

  /** Whether any master sees other masters by now; those are asked from then on. */
  async #changed(masters: readonly ClusterMaster[]): Promise<boolean> {
    const looks = masters.map(({ address }) => async () => {
      const view = await this.#viewFrom(address);
      if (isSameView(view, this.#view)) throw new Error('as before');
      return view;
    });
    const view = await Promise.any(looks.map((look) => look())).catch(() => undefined);
    if (view === undefined) return false;
    this.#view = view;
    return true;
  }

  async #viewFrom(at: Address): Promise<ClusterView> {
    return await viewOf(await this.#line(at), at);
  }

  async #ask(master: ClusterMaster): Promise<Said> {
    const at = formatAddress(master.address);
    try {
      const line = await this.#line(master.address);
      await this.#options.question((args) => line.send(args), master);
      return undefined;
    } catch (error) {
      const led = redirection(error, master.address);
      if (led?.kind === 'MOVED') return { movedTo: led.to };
      if (led?.kind === 'ASK') return await this.#askThere(led.to, master);
      const word = wordOf(error, at);
      if (word instanceof ServerWord) return word;
      throw error;
    }
  }

  /** A slot that is being moved: the key is asked for at its new master, and the next question at the old one. */
  async #askThere(to: Address, master: ClusterMaster): Promise<Said> {
    const line = await this.#line(to);
    try {
      await this.#options.question((args) => asking(line, args), master);
      return undefined;
    } catch (error) {
      const led = redirection(error, to);
      if (led !== undefined) return { movedTo: led.to };
      const word = wordOf(error, formatAddress(to));
      if (word instanceof ServerWord) return word;
      throw error;
    }
  }

  #line(address: Address): Promise<RedisLine> {
    const at = formatAddress(address);
    const known = this.#lines.get(at);
    if (known !== undefined) return known;
    const { access, deadlineMs } = this.#options;
    const opening = RedisLine.open({ ...address, ...(access && { access }) }, deadlineMs).then((line) => {
      this.#open.add(line);
      if (this.#isClosed) line.close();
      return line;
    });
    this.#lines.set(at, opening);
    // Tried again with the next question; the one that awaits it has the reason.
    opening.catch(() => this.#lines.delete(at));
    return opening;
  }

  /** A connection to a node that is no master any more may close, and that would be no loss of service. */
  #keepOnly(masters: readonly ClusterMaster[]): void {
    const meant = new Set(masters.map(({ address }) => formatAddress(address)));
    for (const [at, opening] of this.#lines) {
      if (meant.has(at)) continue;
      this.#lines.delete(at);
      void opening.then(
        (line) => {
          this.#open.delete(line);
          line.close();
        },
        () => undefined,
      );
    }
  }
}

/** Each command says that it was led there. */
function asking(line: RedisLine, args: readonly string[]): Promise<RespValue> {
  line.send(['ASKING']).catch(() => undefined);
  return line.send(args);
}

/** @param from the node that said it: one that does not know a host means its own. */
export function redirection(
  error: unknown,
  from: Address,
): { readonly kind: 'MOVED' | 'ASK'; readonly to: Address } | undefined {
  const [, kind, host = '', port] =
    /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(error instanceof RedisReplyError ? error.message : '') ?? [];
  if ((kind !== 'MOVED' && kind !== 'ASK') || port === undefined) return undefined;
  const named = host === '' || host === '?' ? from.host : host.replace(/^\[|\]$/g, '');
  const read = readAddress(formatAddress({ host: named, port: Number(port) }));
  // One that cannot be followed is the word of the server.
  return read.ok ? { kind, to: read.address } : undefined;
}
