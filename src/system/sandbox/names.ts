/** What is known of every sandbox before it is up, as listed by packages/sandbox in a file. */
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
  /** Of a sandbox named `default`; only the shape of its addresses is valid. */
  readonly topology: Topology;
}

/** @throws Error when the package is incomplete: the file is ours, not the user's. */
export const readSandboxNames = (): SandboxNames =>
  JSON.parse(readFileSync(join(projectRoot, 'packages/sandbox/names.json'), 'utf8')) as SandboxNames;
