/** The schema of a night of a history. Fields that older nights lack are optional here. */
import { z } from 'zod';
import type { Night } from '../night.ts';
import type { SameShape } from './shape-check.ts';

const text = z.string().min(1);
const words = z.record(z.string(), z.string());
const count = z.number().nonnegative();
const instant = z.number().nonnegative().lte(8.64e15).nullable();
const bound = z.number().nullable();
const time = z.iso.datetime();
const status = z.enum(['PASS', 'INCONCLUSIVE', 'FAIL', 'NO-DATA', 'INVALID', 'RESIDUE']);

const estimate = z.object({ value: bound, low: bound, high: bound });

const flow = z.object({
  ...{ due: count, failed: count, unanswered: count, seconds: count },
  bad: estimate,
  goodMs: z.object({ p50: estimate, p95: estimate, p99: estimate }),
  histogram: z.string().optional(),
});

const recovery = z.object({
  ...{ fault: text, sli: text, round: z.int().positive() },
  status: z.enum(['recovered', 'never-degraded', 'censored']),
  sinceInjectedMs: bound,
  ...{ boundMs: count, lossSeconds: count, flaps: count },
});

const fault = z.object({
  ...{ name: text, kind: text, victim: z.string() },
  status: z.enum(['injected', 'not-injected', 'residue']),
  appliedAt: instant.optional(),
  ...{ injectedAt: instant, removedAt: instant },
  whyNotInjected: z.string().nullable(),
  service: text.optional(),
  victims: count.optional(),
});

const objective = z.object({
  name: text,
  status: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE', 'NO-DATA']),
  observed: bound,
  interval: z.tuple([z.number(), z.number()]).nullable(),
  limit: z.number(),
  unit: z.enum(['ms', 'ratio', '/s', 's', 'findings', 'instances', 'count']),
  fault: z.string().optional(),
  flow: z.string().optional(),
  comparison: z.enum(['<', '<=', '>', '>=']).optional(),
});

/** Part of file names. */
export const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$/;

export const nightShape = z.object({
  schema: z.literal('gauntlet.night/1'),
  id: z.string().regex(/-[0-9a-f]{12}$/),
  run: z.string().regex(RUN_ID),
  ...{ campaign: text, campaignHash: text, target: text },
  environment: z.object({ key: text, words }),
  seed: z.number(),
  ...{ startedAt: time, endedAt: time },
  ...{ versions: words, subject: words },
  ...{ status, runStatus: status },
  reasons: z.array(z.object({ status, text: z.string() })),
  flows: z.record(z.string(), z.record(z.string(), flow)),
  faults: z.array(fault),
  recoveries: z.array(recovery),
  recoveryWatchMs: count,
  objectives: z.array(objective),
  capacity: z.record(z.string(), bound),
  generator: z.object({ cpuRatio: count, k6CpuRatio: count }).nullable(),
  quarantine: z.array(
    z.object({ fault: text, sli: text, owner: text, reason: text, since: time, until: time }),
  ),
  reference: z
    .object({
      target: text,
      run: text.nullable(),
      status,
      sentence: z.string(),
      ratios: z.array(z.object({ flow: text, quantile: text, ratio: estimate })),
    })
    .optional(),
  report: z.string().nullable(),
});

export const NIGHT_SHAPE_IS_WHOLE: SameShape<Night, z.infer<typeof nightShape>> = true;
