/** The ledger of records of a run, with the schema registry of its target. */
import { kafkasOf } from '../../core/topology.ts';
import { RecordValues } from '../../targets/schemas/record-values.ts';
import { RegistryClient } from '../../targets/schemas/registry-client.ts';
import { RecordLedger } from './record-ledger.ts';
import type { RunRequest } from './request.ts';

/** Undefined: the plan follows no records. */
export function recordLedger(
  { plan, probeTopology, registries, runDir, clock, signal }: RunRequest,
  onBroken: (error: unknown) => void,
): RecordLedger | undefined {
  const { records } = plan;
  if (records === undefined) return undefined;
  const { service } = records;
  const brokers = kafkasOf(probeTopology)[service] ?? [];
  const subject = `services.${service}.registry`;
  const at = registries?.[service];
  const schemas = at && new RegistryClient({ at, subject, clock, signal });
  const values = new RecordValues(schemas, `add ${subject}.address to its file`);
  return new RecordLedger({ plan, records, brokers, values, runDir, clock, signal, onBroken });
}
