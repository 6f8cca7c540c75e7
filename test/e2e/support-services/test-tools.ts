/** The outside programs for a test: found where the CLI would find them. */
import { mkdirSync } from 'node:fs';
import type { PartName, Tools } from '../../../src/core/tools.ts';
import { placesFrom } from '../../../src/system/places.ts';
import type { ToolContext } from '../../../src/system/toolchain/part.ts';
import { requireParts } from '../../../src/system/toolchain/parts.ts';

export function requireTestTools(names: readonly PartName[]): Promise<Tools> {
  const places = placesFrom(process.env);
  mkdirSync(places.cache, { recursive: true });
  const context: ToolContext = { places, env: process.env, progress: () => undefined };
  return requireParts(names, context);
}
