/** Why tests with real pods do not run here; null when they do. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isBuilt, NETAGENT, TESTPOD } from '../../../packages/test-cluster/src/go-tool.ts';
import { cache, missingOwn as missing } from './kube-bench.ts';

const isThere = (tool: typeof NETAGENT): boolean => isBuilt(tool, { places: { cache, state: '' } });

export const lacksNode: string | null =
  missing ??
  (process.getuid?.() === 0 &&
  existsSync('/sys/fs/cgroup/cpuset/cpuset.cpus') &&
  existsSync(join(cache, 'node-tools-1')) &&
  isThere(TESTPOD) &&
  isThere(NETAGENT)
    ? null
    : 'SKIPPED: a real node needs root, cgroup v1 and: npm run cluster -- up --kind node');
