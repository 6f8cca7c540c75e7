/** Whether tests with a real node and real pods can run here. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type GoTool, isBuilt, NETAGENT, TESTPOD } from '../../../src/cluster/go-tool.ts';
import { cache, missingOwn } from './kube-bench.ts';

const isThere = (tool: GoTool): boolean => isBuilt(tool, { places: { cache, state: '' } });

/** Why not; null when they do. */
export const missingNode: string | null =
  missingOwn ??
  (process.getuid?.() === 0 &&
  existsSync('/sys/fs/cgroup/cpuset/cpuset.cpus') &&
  existsSync(join(cache, 'node-tools-1')) &&
  isThere(TESTPOD) &&
  isThere(NETAGENT)
    ? null
    : 'SKIPPED: a real node needs root, cgroup v1 and: npm run cluster -- up --kind node');
