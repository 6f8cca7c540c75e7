/**
 * Our schemas as JSON Schema, draft 7, which the YAML servers of editors support: they complete keys and
 * underline mistakes.
 */

import { z } from 'zod';
import { byKey } from '../core/by-key.ts';
import { CHOICES } from './forms.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface SchemaAbout {
  /** Such as `gauntlet campaign`. */
  readonly title: string;
  readonly description: string;
}

/** The schema of the written form, before it is parsed: `8s`, and not 8000. */
export function jsonSchemaOf(schema: z.ZodType, { title, description }: SchemaAbout): JsonSchema {
  const definitions: Record<string, unknown> = {};
  const { $schema, ...whole } = generated(schema, definitions);
  return {
    $schema,
    title,
    description,
    ...whole,
    ...(Object.keys(definitions).length > 0 && { definitions: sorted(definitions) }),
  };
}

/**
 * @param definitions receives those of every part: a choice is generated separately, and its names belong to
 * the whole.
 */
function generated(schema: z.ZodType, definitions: Record<string, unknown>): Record<string, unknown> {
  const { definitions: own, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      // Zod treats the examples of a codec as parsed values and omits them; ours are in the written form.
      const { examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (Array.isArray(examples)) jsonSchema.examples = [...examples];
      const choice = CHOICES.get(zodSchema);
      if (choice === undefined) return;
      const parts = choice.options.map((option) => {
        const { $schema: _, ...part } = generated(option as z.ZodType, definitions);
        return part;
      });
      Object.assign(jsonSchema, parts.length === 1 ? parts[0] : { anyOf: parts });
    },
  }) as Record<string, unknown>;
  Object.assign(definitions, own);
  return rest;
}

const sorted = (map: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(map).sort(byKey));
