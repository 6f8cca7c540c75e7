/** A service of a system: what it speaks. */
import { z } from 'zod';
import type { Service } from '../../core/system.ts';
import { block, listOf } from '../forms.ts';
import { endpoints, endpointsOf } from './endpoint.ts';
import { text } from './text.ts';

const each = z
  .record(
    z.string().regex(/^[a-z]+$/, { error: 'a word of lower-case letters' }),
    listOf(text('a word'), 'a list of words', 1),
    { error: 'a map such as { kind: [a, b] }' },
  )
  .describe('one service per word, which replaces {kind} in its name and texts');

export const service = block({
  each: each.optional(),
  formerly: text('a key of older target files').optional().describe('its key in target files without schema'),
  ...endpoints,
});

export type WrittenService = z.output<typeof service>;

/** @param name with its words in place, as are all texts of `written`. @param folder of the system file. */
export const serviceOf = (name: string, written: WrittenService, folder: string): Service => ({
  name,
  endpoints: endpointsOf(written, folder),
  formerly: written.formerly ?? null,
});
