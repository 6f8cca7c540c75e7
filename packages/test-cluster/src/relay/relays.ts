/**
 * The configuration of the relay: one file, read by the half in the namespace and by the half outside.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from '../../../../src/system/project.ts';

export interface Relay {
  /** The Unix socket between the halves. */
  readonly socket: string;
  /** Its destination, seen from inside. */
  readonly host: string;
  readonly port: number;
  /** The port of 127.0.0.1 outside. */
  readonly listen: number;
}

export const relayFile = (folder: string): string => join(folder, 'relays.json');

/** Socket paths have at most 107 bytes, so they have numbers instead of names. */
export function writeRelays(folder: string, relays: readonly Omit<Relay, 'socket'>[]): void {
  mkdirSync(folder, { recursive: true });
  const list: readonly Relay[] = relays.map((one, index) => ({
    socket: join(folder, `relay${index}.sock`),
    ...one,
  }));
  writeFileSync(relayFile(folder), JSON.stringify(list));
}

/** The half that listens on the machine. */
export const relayCommand = (folder: string): readonly string[] => [
  process.execPath,
  programPath('packages/test-cluster/src/relay/main'),
  'outside',
  relayFile(folder),
];
