/** A block of a campaign as a fault that is ready to be injected; wrong ones are a mistake of the test. */
import { faultNamed } from '../../src/chaos/faults/registry.ts';
import type { PlannedFault } from '../../src/core/plan.ts';

export function plannedFault(kind: string, raw: unknown): PlannedFault {
  const parsed = faultNamed(kind).parse(raw);
  if (!parsed.ok) throw new Error(`${kind}: ${JSON.stringify(parsed.problems)}`);
  const spec = parsed.spec as Readonly<Record<string, unknown>>;
  return { name: kind, kind, spec, written: JSON.stringify(raw), holdMs: parsed.holdMs };
}
