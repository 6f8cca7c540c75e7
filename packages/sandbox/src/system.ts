/** The system that the sandbox runs, as its file declares it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSystem } from '../../../src/config/system/read-system.ts';
import type { System } from '../../../src/core/system.ts';
import { type Addresses, servicesAt, type Topology } from '../../../src/core/topology.ts';
import { projectRoot } from '../../../src/system/project.ts';

const FILE = join(projectRoot, 'systems/neural-hive-mind/system.yaml');

export const sandboxSystem = (): System => parseSystem(FILE, readFileSync(FILE, 'utf8'));

export const topologyOf = (addresses: Addresses, sandbox: string): Topology => ({
  platform: 'sandbox',
  identity: `sandbox:${sandbox}`,
  services: servicesAt(sandboxSystem(), addresses),
});
