/**
 * Agents that had nothing in place a moment ago are not queried again: reading all links is an exec in every
 * pod that ever had an agent. Eleven at once on two cores delayed answers by 1 s, nine seconds
 * after a fault was gone: the monitoring itself was visible.
 */
import type { AgentState, NetAgent } from './agent.ts';
import type { NetPod } from './net-pods.ts';

/**
 * The maximum delay until a rule of another client, which must have bypassed the target's lock, is noticed;
 * our own changes are noticed at once. Longer than from the end of one fault to the beginning of the next.
 */
export const QUIET_MS = 30_000;

interface Quiet {
  readonly state: AgentState;
  readonly until: number;
}

/** @param now of a monotonic clock, in ms. */
export function rememberQuiet(agent: NetAgent, now = (): number => performance.now()): NetAgent {
  const quiet = new Map<string, Quiet>();
  /**
   * How often a fault was begun or ended there: an earlier answer is no evidence about the state after it.
   */
  const turns = new Map<string, number>();
  const keyOf = (pod: NetPod, container: string): string => `${pod.uid} ${container}`;
  const turn = (key: string): void => {
    quiet.delete(key);
    turns.set(key, (turns.get(key) ?? 0) + 1);
  };
  async function changing<T>(pod: NetPod, container: string, act: () => Promise<T>): Promise<T> {
    const key = keyOf(pod, container);
    turn(key);
    try {
      return await act();
    } finally {
      turn(key);
    }
  }
  return {
    async state(pod, container) {
      const key = keyOf(pod, container);
      const known = quiet.get(key);
      if (known !== undefined && now() < known.until) return known.state;
      const asked = turns.get(key);
      const state = await agent.state(pod, container);
      const isQuiet = state.tables.length === 0 && turns.get(key) === asked;
      if (isQuiet) quiet.set(key, { state, until: now() + QUIET_MS });
      else quiet.delete(key);
      return state;
    },
    apply: (pod, container, request) => changing(pod, container, () => agent.apply(pod, container, request)),
    renew: (pod, container, request) => changing(pod, container, () => agent.renew(pod, container, request)),
    undo: (pod, container, id) => changing(pod, container, () => agent.undo(pod, container, id)),
    dial: agent.dial,
  };
}
