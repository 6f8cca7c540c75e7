/** The schema of the report of a game day. Unknown fields are an error: the format has no others. */
import { z } from 'zod';
import type { GameDay } from '../game-day.ts';
import type { SameShape } from './shape-check.ts';

const time = z.iso.datetime({ offset: true });
const seconds = z.number().nonnegative();
const count = z.int().nonnegative();

const outcome = z.strictObject({
  ...{ scenario: z.string(), target: z.string(), success: z.boolean(), duration_seconds: seconds },
  recovery_time_seconds: seconds.nullable(),
  issues: z.array(z.string()),
});

const failure = z.strictObject({
  ...{ scenario: z.string(), target: z.string(), success: z.literal(false), error: z.string() },
});

export const gameDayShape = z.strictObject({
  game_day_id: z.string().regex(/^gd-\d{8}-\d{6}$/),
  ...{ start_time: time, end_time: time, duration_seconds: seconds },
  ...{ environment: z.string(), executed_by: z.string().nullable() },
  summary: z.strictObject({
    ...{ total_scenarios: count, successful: count, failed: count },
    success_rate: z.number().min(0).max(100),
  }),
  results: z.array(z.union([outcome, failure])),
});

export const GAME_DAY_SHAPE_IS_WHOLE: SameShape<GameDay, z.infer<typeof gameDayShape>> = true;
