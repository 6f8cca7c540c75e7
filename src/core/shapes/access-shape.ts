/** The schema of an access in a journal and in a plan: references to secrets, and no secret. */
import { z } from 'zod';
import type { Access } from '../access.ts';
import { MECHANISMS } from '../login.ts';
import type { SameShape } from './shape-check.ts';

const reference = z.discriminatedUnion('from', [
  z.object({ from: z.literal('env'), name: z.string() }),
  z.object({ from: z.literal('file'), name: z.string() }),
]);

export const tlsShape = z.object({
  ca: reference.exactOptional(),
  cert: reference.exactOptional(),
  key: reference.exactOptional(),
  serverName: z.string().exactOptional(),
  insecure: z.literal(true).exactOptional(),
});

export const accessShape = z
  .object({
    tls: tlsShape.exactOptional(),
    login: z
      .object({
        user: z.string().exactOptional(),
        database: z.string().exactOptional(),
        password: reference.exactOptional(),
        mechanism: z.enum(MECHANISMS).exactOptional(),
        token: reference.exactOptional(),
      })
      .exactOptional(),
  })
  .meta({ id: 'access' });

export const ACCESS_SHAPE_IS_WHOLE: SameShape<Access, z.infer<typeof accessShape>> = true;
