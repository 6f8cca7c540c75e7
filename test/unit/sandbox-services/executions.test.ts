import { describe, expect, it } from 'vitest';
import { Executions } from '../../../systems/neural-hive-mind/stand-ins/src/hive/executions.ts';
import type { ExecutionTicket } from '../../../systems/neural-hive-mind/stand-ins/src/hive/ticket.ts';

const ticket = (id: string, plan: string): ExecutionTicket => ({
  ...{ ticket_id: id, plan_id: plan, intent_id: 'intent', status: 'PENDING' },
});

describe('what the orchestrator has executed', () => {
  it('is nothing at first', () => {
    expect(new Executions().status()).toEqual({
      ...{ total_processed: 0, success_rate: 0, average_latency_ms: 0, p95_latency_ms: 0 },
      active_executions: 0,
    });
  });

  it('counts what has ended, and how long it took', () => {
    const executions = new Executions();
    for (const ms of [10, 20, 30, 400])
      executions.complete(
        executions.begin(`w${ms}`, `p${ms}`, 5, 1000),
        [ticket(`t${ms}`, `p${ms}`)],
        1000 + ms,
      );
    executions.fail(executions.begin('w', 'p', 5, 1000), 1005);
    executions.begin('running', 'p', 5, 1000);
    expect(executions.status()).toEqual({
      ...{ total_processed: 6, success_rate: 66.67, average_latency_ms: 115, p95_latency_ms: 400 },
      active_executions: 1,
    });
  });

  it('finds tickets by their id, and by the plan of several workflows', () => {
    const executions = new Executions();
    executions.complete(executions.begin('w1', 'plan', 5, 0), [ticket('a', 'plan')], 1);
    executions.complete(executions.begin('w2', 'plan', 5, 0), [ticket('b', 'plan')], 1);
    expect(executions.ticket('b')).toMatchObject({ ticket_id: 'b' });
    expect(executions.ofPlan('plan').map((one) => one.ticket_id)).toEqual(['a', 'b']);
    expect(executions.ofPlan('other')).toEqual([]);
  });

  it('forgets the oldest workflow with its tickets', () => {
    const executions = new Executions(2);
    for (const id of ['1', '2', '3'])
      executions.complete(executions.begin(`w${id}`, `p${id}`, 5, 0), [ticket(`t${id}`, `p${id}`)], 1);
    expect([executions.workflow('w1'), executions.ticket('t1'), executions.ofPlan('p1')]).toEqual([
      ...[undefined, undefined, []],
    ]);
    expect(executions.workflow('w3')?.tickets).toHaveLength(1);
  });
});
