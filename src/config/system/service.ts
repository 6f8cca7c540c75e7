/** A service of a system: what it speaks, how many it is, how it is found. */
import { z } from 'zod';
import type { Protocol, SandboxPart, Service } from '../../core/system.ts';
import type { Filled } from '../each.ts';
import { find, findOf, type WrittenFind } from '../find.ts';
import { block, choice, isMap, listOf, oneOf, yesOrNo } from '../forms.ts';
import { replicas, replicasOf } from '../replicas.ts';
import { endpointOf, endpoints, protocolsIn, type WrittenEndpoint } from './endpoint.ts';
import { text, textOf } from './text.ts';
import { each } from './topic.ts';

const program = listOf(z.string({ error: 'a text' }), 'a program and its arguments: [node, server.mjs]', 1);
const sandbox = choice(
  {
    use: block({
      use: oneOf(['kafka', 'redis', 'postgres']).describe('a real server that comes with the sandbox'),
      database: textOf(
        /^[A-Za-z_][\w-]{0,62}$/,
        'the name of a database: letters, digits, _ and -',
      ).optional(),
    }),
    run: block({
      run: program,
      env: z.record(z.string(), z.string({ error: 'a text' })).optional(),
      before: program.optional().describe('run once before it, for migrations'),
    }),
    with: block({ with: text('a service whose process serves this one too') }),
  },
  (value) => (isMap(value) && 'use' in value ? 'use' : isMap(value) && 'with' in value ? 'with' : 'run'),
);

export const service = block({
  each: each.optional(),
  formerly: text('a key of older target files').optional(),
  ...(Object.fromEntries(Object.entries(endpoints).map(([name, one]) => [name, one.optional()])) as Record<
    Protocol,
    z.ZodOptional<z.ZodType<WrittenEndpoint>>
  >),
  replicas: replicas
    .optional()
    .describe('how many instances it has, or the bounds of its autoscaler; default: 1'),
  protected: yesOrNo
    .optional()
    .describe('no fault may touch it, unless a target lifts that; not in the sandbox'),
  find: find.optional(),
  sandbox: sandbox.optional().describe('what the sandbox starts for it'),
});

export type WrittenService = z.output<typeof service>;

export interface Around {
  /** The default of each service. */
  readonly find: WrittenFind | undefined;
  /** Of the system file. */
  readonly folder: string;
}

/** @param name with its words in place, as are all texts of `written`. */
export function serviceOf(
  name: string,
  written: WrittenService,
  words: Filled,
  { find: common, folder }: Around,
): Service {
  return {
    name,
    endpoints: protocolsIn(written).flatMap((protocol) => {
      const one = written[protocol as 'http'];
      return one === undefined ? [] : [endpointOf(protocol, one, folder)];
    }),
    replicas: replicasOf(written.replicas ?? 1),
    isProtected: written.protected ?? false,
    formerly: written.formerly ?? null,
    words,
    find: findOf(name, words, common, written.find),
    sandbox: written.sandbox === undefined ? null : partOf(written.sandbox),
  };
}

function partOf(written: NonNullable<WrittenService['sandbox']>): SandboxPart {
  if ('use' in written) {
    const { use, database } = written;
    return { kind: 'use', server: use, ...(database !== undefined && { database }) };
  }
  if ('with' in written) return { kind: 'with', service: written.with };
  const { run, env = {}, before = null } = written;
  return { kind: 'run', command: run, env, before };
}
