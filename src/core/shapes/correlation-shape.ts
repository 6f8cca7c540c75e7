/** Where a record carries an id, in a plan. */
import { z } from 'zod';

export const correlationShape = z.union([
  z.object({ header: z.string() }),
  z.object({ field: z.string() }),
  z.object({ json: z.string() }),
  z.object({ key: z.literal(true) }),
]);
