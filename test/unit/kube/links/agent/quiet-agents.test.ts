import { describe, expect, it } from 'vitest';
import type { AgentRequest, AgentState, NetAgent } from '../../../../../src/kube/links/agent/agent.ts';
import type { NetPod } from '../../../../../src/kube/links/agent/net-pods.ts';
import { QUIET_MS, rememberQuiet } from '../../../../../src/kube/links/agent/quiet-agents.ts';
import { FakeAgent } from './fake-agent.ts';

const pod = (name: string): NetPod => ({
  ...{ name, namespace: 'shop', uid: `uid-${name}`, addresses: [], labels: {}, ports: [] },
  ...{ isOnHostNetwork: false, agents: [] },
});
const CUT: AgentRequest = { id: 'cut-1', ttlMs: 3000, kind: 'cut', links: [{ name: 'a->b', peers: [] }] };

function rig() {
  const inner = new FakeAgent();
  const asked: string[] = [];
  const clock = { now: 0 };
  const counted: NetAgent = {
    async state(one, container): Promise<AgentState> {
      asked.push(one.name);
      return await inner.state(one, container);
    },
    apply: (one, container, request) => inner.apply(one, container, request),
    renew: (one, container, request) => inner.renew(one, container, request),
    undo: (one, container, id) => inner.undo(one, container, id),
    dial: (one, container) => inner.dial(one, container),
  };
  const agent = rememberQuiet(counted, () => clock.now);
  const tables = async (name = 'web', container = 'c'): Promise<number> =>
    (await agent.state(pod(name), container)).tables.length;
  return { agent, asked, clock, inner, tables };
}

describe('an agent with nothing in place', () => {
  it('is asked once in half a minute, each pod and each container for itself', async () => {
    const { asked, clock, tables } = rig();
    for (const name of ['web', 'web', 'db', 'web']) await tables(name);
    await tables('web', 'another');
    expect(asked).toEqual(['web', 'db', 'web']);
    clock.now = QUIET_MS - 1;
    await tables();
    expect(asked).toHaveLength(3);
    clock.now = QUIET_MS;
    await tables();
    expect(asked).toHaveLength(4);
  });

  it('is asked at once when something was put there, and each time while it is', async () => {
    const { agent, asked, tables } = rig();
    expect(await tables()).toBe(0);
    await agent.apply(pod('web'), 'c', CUT);
    expect([await tables(), await tables()]).toEqual([1, 1]);
    await agent.undo(pod('web'), 'c', 'cut-1');
    expect([await tables(), await tables()]).toEqual([0, 0]);
    expect(asked).toHaveLength(4);
  });

  it('is asked at once after a renewal, which may have found nothing', async () => {
    const { agent, asked, tables } = rig();
    await tables();
    expect(await agent.renew(pod('web'), 'c', CUT)).toBe(false);
    await tables();
    expect(asked).toHaveLength(2);
  });

  it('is asked again when it was asked before an act and answered after it', async () => {
    const { agent, inner, tables } = rig();
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const state = inner.state.bind(inner);
    // Asked before the act, answered after it.
    inner.state = async (...args) => {
      const said = await state(...args);
      await gate;
      return said;
    };
    const look = tables();
    await agent.apply(pod('web'), 'c', CUT);
    goOn();
    expect(await look).toBe(0);
    expect(await tables()).toBe(1);
  });
});
