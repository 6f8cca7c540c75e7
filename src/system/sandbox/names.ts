/** What is known of every sandbox before it is up, as packages/sandbox says it in a file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Topology } from '../../core/topology.ts';
import { projectRoot } from '../project.ts';

export interface SandboxNames {
  readonly links: readonly { readonly name: string; readonly from: string; readonly to: string }[];
  readonly instances: readonly {
    readonly service: string;
    readonly instance: string;
    readonly host: string;
  }[];
  readonly topics: readonly { readonly name: string; readonly partitions: number }[];
  /** Of a sandbox named `default`, with addresses that only its shape makes true. */
  readonly topology: Topology & Required<Pick<Topology, 'kafka'>>;
}

/** @throws Error when the package is not whole: it is a file of ours, not of the user's. */
export const readSandboxNames = (): SandboxNames =>
  JSON.parse(readFileSync(join(projectRoot, 'packages/sandbox/names.json'), 'utf8')) as SandboxNames;
