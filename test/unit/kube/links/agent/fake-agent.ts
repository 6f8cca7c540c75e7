/** Agents in pods without pods: they keep what they were asked for and count what the test says. */
import type {
  AgentRequest,
  AgentState,
  AgentTable,
  Counter,
  NetAgent,
} from '../../../../../src/kube/links/agent/agent.ts';
import { NotRunning } from '../../../../../src/kube/links/agent/command.ts';
import type { NetPod } from '../../../../../src/kube/links/agent/net-pods.ts';

export class FakeAgent implements NetAgent {
  /** Whether a dial is answered. */
  answers = true;
  sockets = { established: 0, dialling: 0 };
  readonly #tables = new Map<string, AgentRequest[]>();
  readonly #counters = new Map<string, Readonly<Record<string, Counter>>>();
  readonly #ended = new Set<string>();

  /** The newest that is in place in the pod. */
  applied = (pod: string): AgentRequest | undefined => this.#tables.get(pod)?.at(-1);
  expire = (): void => this.#tables.clear();
  endsNow = (container: string): void => void this.#ended.add(container);
  count = (id: string, counters: Readonly<Record<string, Counter>>): void =>
    void this.#counters.set(id, counters);

  async state(pod: NetPod, container: string): Promise<AgentState> {
    this.#runs(container);
    const tables = (this.#tables.get(pod.name) ?? []).map((request) => this.#table(request));
    return { tables, others: [], kernel: { release: '6', netem: 'no' } };
  }

  async apply(pod: NetPod, container: string, request: AgentRequest): Promise<void> {
    this.#runs(container);
    const others = (this.#tables.get(pod.name) ?? []).filter((one) => one.id !== request.id);
    this.#tables.set(pod.name, [...others, request]);
  }

  async renew(pod: NetPod, container: string, request: AgentRequest): Promise<boolean> {
    const isThere = this.#tables.get(pod.name)?.some((one) => one.id === request.id) === true;
    if (isThere) await this.apply(pod, container, request);
    return isThere;
  }

  async undo(pod: NetPod, container: string, id: string): Promise<void> {
    this.#runs(container);
    this.#tables.set(
      pod.name,
      (this.#tables.get(pod.name) ?? []).filter((one) => one.id !== id),
    );
  }

  async dial(_: NetPod, container: string): Promise<{ ok: boolean; tookMs: number; outcome: string }> {
    this.#runs(container);
    return { ok: this.answers, tookMs: 1, outcome: this.answers ? 'connected' : 'timeout' };
  }

  #runs(container: string): void {
    if (!this.#ended.has(container)) return;
    throw new NotRunning('unavailable', [{ subject: container, expected: 'to run', got: 'ended' }]);
  }

  #table({ id, ttlMs, links }: AgentRequest): AgentTable {
    const counters = this.#counters.get(id) ?? {};
    return { id, leftMs: ttlMs, links: links.map(({ name }) => ({ name, counters, ...this.sockets })) };
  }
}
