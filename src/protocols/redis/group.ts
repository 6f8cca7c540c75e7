/** The acts on a Redis that is several servers: a controller for each, kept for as long as the target is open. */
import type { Access } from '../../core/access.ts';
import type { RedisActs, RedisGroup, RedisMaster, RedisNode } from '../../core/acts/redis-acts.ts';
import { addressOf, formatAddress } from '../../core/address.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import type { RedisNodes } from '../../core/redis-nodes.ts';
import type { RedisEndpoint } from '../../core/topology.ts';
import { ServerWord } from '../line/line.ts';
import { RemoteRedisController } from './remote-controller.ts';

/** As with a single server: longer means that it is paused, stopped or gone. */
export const DEADLINE_MS = 1000;

export type Endpoint<Nodes extends RedisNodes> = RedisEndpoint & { readonly nodes: Nodes };

export abstract class RedisNodesController<Nodes extends RedisNodes> implements RedisGroup {
  readonly kind: Nodes['kind'];
  readonly nodes: Nodes;
  readonly access: Access | undefined;
  readonly #service: string;
  readonly #controllers = new Map<string, RemoteRedisController>();

  constructor(service: string, { nodes, access }: Endpoint<Nodes>) {
    this.kind = nodes.kind;
    this.nodes = nodes;
    this.access = access;
    this.#service = service;
  }

  abstract masters(): Promise<readonly RedisMaster[]>;
  abstract at(node: RedisNode, identity: string): Promise<RedisActs>;

  held({ address }: RedisNode): RemoteRedisController {
    const known = this.#controllers.get(address);
    if (known !== undefined) return known;
    const opened = RemoteRedisController.at({
      ...addressOf(address),
      ...(this.access && { access: this.access }),
    });
    this.#controllers.set(address, opened);
    return opened;
  }

  /** As each of the masters reports its own address. */
  async serverAddresses(): Promise<readonly (string | null)[]> {
    return await Promise.all((await this.masters()).map((one) => this.held(one).serverAddress()));
  }

  stop(): void {
    for (const one of this.#controllers.values()) one.stop();
  }

  /** What a server answers, as an error with what to do. */
  protected async said<T>(expected: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof GauntletError) throw error;
      const [got, next] =
        error instanceof ServerWord ? [error.got, error.next] : [messageOf(error), undefined];
      const problem = { subject: this.#service, expected, got, ...(next !== undefined && { next }) };
      throw new GauntletError('unavailable', [problem], { cause: error });
    }
  }

  /** It may run on with what a fault has changed: nothing is called undone. */
  protected lost({ address }: RedisNode, identity: string, got: string): GauntletError {
    return new GauntletError('unavailable', [
      {
        subject: `${this.#service} at ${address}`,
        expected: `the server with run_id ${identity.slice(0, 8)}, or the same node restarted`,
        got,
        next: 'Start it again, or check it by hand: nothing proves that its process has ended.',
      },
    ]);
  }
}

/** The words of an address that may be written in any form. */
export const sameAddress = (a: string, b: string): boolean =>
  formatAddress(addressOf(a)) === formatAddress(addressOf(b));
