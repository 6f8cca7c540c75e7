import { describe, expect, it } from 'vitest';
import { partUses } from '../../../../src/run/runbook/part-uses.ts';

const link = (from: string, to: string) => ({ name: `${from}->${to}`, from, to });
const LINKS = [link('shop', 'redis'), link('batch', 'redis'), link('probe', 'redis'), link('client', 'shop')];

describe('who uses what a fault disturbs', () => {
  it('names the callers on the links it touches, and those it spares; probes are no users', () => {
    expect(partUses(['shop->redis', 'probe->redis'], LINKS, new Map())).toEqual([
      { part: 'redis', callers: ['shop'], spared: ['batch'] },
    ]);
  });

  it('finds the callers of an instance by its service', () => {
    expect(partUses(['shop-1'], LINKS, new Map([['shop-1', 'shop']]))).toEqual([
      { part: 'shop-1', callers: ['client'], spared: [] },
    ]);
    expect(partUses(['batch-1'], LINKS, new Map([['batch-1', 'batch']]))).toEqual([
      { part: 'batch-1', callers: [], spared: [] },
    ]);
  });

  it('says nothing of a fault that touches nothing', () => {
    expect(partUses([], LINKS, new Map())).toEqual([]);
  });
});
