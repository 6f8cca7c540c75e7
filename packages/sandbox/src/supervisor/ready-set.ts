/**
 * Sends the proxy the ready instances of each link, as an EndpointSlice does. Only the newest set of a link
 * counts, so a failed push is not repeated; the next one sends the current set. It retries until the
 * supervisor exits.
 */
import type { Clock } from '../../../../src/core/clock.ts';
import type { LinkPlan } from '../../../../src/core/sandbox/layout.ts';
import { ms } from '../../../../src/core/units.ts';

const RETRY_MS = 100;

export interface Upstream {
  readonly instance: string;
  readonly host: string;
  readonly port: number;
  readonly ready: boolean;
}

export const upstreamsOf = (link: LinkPlan, isReady: (instance: string) => boolean): readonly Upstream[] =>
  link.upstreams.map((one) => ({ ...one, ready: !link.gated || isReady(one.instance) }));

export interface ReadySetDeps {
  readonly links: readonly LinkPlan[];
  readonly isReady: (instance: string) => boolean;
  readonly push: (name: string, upstreams: readonly Upstream[]) => Promise<unknown>;
  readonly clock: Clock;
  readonly stopped: AbortSignal;
}

export class ReadySet {
  readonly #deps: ReadySetDeps;
  readonly #stale = new Set<LinkPlan>();
  #pushing: Promise<void> | undefined;

  constructor(deps: ReadySetDeps) {
    this.#deps = deps;
  }

  /** An instance changed; without one: the proxy has restarted and has no sets. */
  changed(instance?: string): void {
    for (const link of this.#deps.links) {
      const isMeant = instance === undefined || link.upstreams.some((one) => one.instance === instance);
      if (link.gated && isMeant) this.#stale.add(link);
    }
    this.#pushing ??= this.#push().finally(() => {
      this.#pushing = undefined;
      if (this.#stale.size > 0 && !this.#deps.stopped.aborted) this.changed('');
    });
  }

  /** Resolves when the proxy has all earlier changes. */
  async settled(): Promise<void> {
    while (this.#pushing) await this.#pushing;
  }

  async #push(): Promise<void> {
    const { isReady, push, clock, stopped } = this.#deps;
    while (!stopped.aborted) {
      const [link] = this.#stale;
      if (!link) return;
      this.#stale.delete(link);
      try {
        await push(link.name, upstreamsOf(link, isReady));
      } catch {
        this.#stale.add(link);
        await clock.sleep(ms(RETRY_MS), stopped).catch(() => undefined);
      }
    }
  }
}
