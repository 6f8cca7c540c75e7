import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain, explainFault, faultPage, listFaults } from '../../../../src/chaos/faults/explain.ts';
import { FAULTS } from '../../../../src/chaos/faults/registry.ts';

const FAULT_ROWS = FAULTS.map((fault) => [fault.name, fault] as const);

describe('the list of faults', () => {
  it('has a line for each', () => {
    const text = listFaults();
    for (const fault of FAULTS) expect(text).toContain(`${fault.name.padEnd(22)}  ${fault.summary}`);
  });
});

describe('an explanation', () => {
  it('has parameters, proof, undo and lease, what the platform must offer, and an example', () => {
    const text = explainFault('kill-pod', 110);
    expect(text).toContain('\n  service, required: ');
    expect(text).toContain(
      '\n\nProof: The platform reports each victim as gone, by an identity that is never reused',
    );
    expect(text).toContain(
      '\n\nUndo and lease: There is nothing to undo: the platform starts the successor.',
    );
    expect(text).toContain('\n\nLimits: Chaos Mesh (via: chaos-mesh) deletes by name.');
    expect(text).toContain('\n\nNeeds from the platform: instances.list, instances.signal, ');
    expect(text).toContain('\n\nExample:\n  - kill-pod: { service: ');
  });

  it.each(FAULT_ROWS)('of %s fits into the terminal, but into 40 to 110 columns', (_, fault) => {
    const longest = (columns: number): number =>
      Math.max(...prose(explain(fault, columns)).map((line) => line.length));
    expect(longest(80)).toBeLessThanOrEqual(80);
    expect(longest(300)).toBeLessThanOrEqual(110);
    expect(explain(fault, 0)).toBe(explain(fault, 40));
  });
});

describe('docs/faults', () => {
  // A stale page: npx vitest run --project unit test/unit/chaos/faults/explain.test.ts -u
  it.each(FAULT_ROWS)('has the page of %s as the fault describes itself', async (name, fault) => {
    const file = join(import.meta.dirname, `../../../../docs/faults/${name}.md`);
    await expect(faultPage(fault)).toMatchFileSnapshot(file);
  });
});

/** Without the example, which is to be copied as one line. */
const prose = (text: string): readonly string[] => text.slice(0, text.indexOf('\nExample:')).split('\n');
