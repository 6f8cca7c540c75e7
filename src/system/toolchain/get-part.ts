/**
 * Gets one part that may be missing: at most one process of this machine downloads or builds it at a time.
 */
import { alone, assertWritable } from './cache-folder.ts';
import { type Outcome, type ToolContext, type ToolSource, walk } from './part.ts';

/**
 * Looks first, and takes the lock only if needed; looks again under the lock, because another process may
 * have been first.
 */
export async function getPart<Tool>(
  ctx: ToolContext,
  name: string,
  local: readonly ToolSource<Tool>[],
  fetched: readonly ToolSource<Tool>[],
): Promise<Outcome<Tool>> {
  const now = await walk(local);
  if (now.hit !== null || now.wrong !== null) return now;
  assertWritable(ctx.places.cache);
  return alone(ctx, name, `building ${name}`, async () => {
    const again = await walk(local);
    return again.hit !== null || again.wrong !== null ? again : walk(fetched, again.tried);
  });
}
