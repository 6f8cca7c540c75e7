/**
 * `gauntlet schema <kind>`: a JSON Schema on stdout, for editors and for programs that write or read our
 * files.
 */
import { didYouMean } from '../../core/did-you-mean.ts';
import { show, usageError } from '../../core/errors.ts';
import { SCHEMA_KINDS } from '../../run/files/schema-kinds.ts';
import { schemaText } from '../../run/files/schemas.ts';
import { cliContext } from '../terminal/context.ts';

/** @throws usage for a kind of file without a schema. */
export async function schemaCommand(given: string): Promise<number> {
  const kind = SCHEMA_KINDS.find((one) => one === given);
  if (kind === undefined) {
    const expected = `one of ${SCHEMA_KINDS.join(', ')}`;
    throw usageError({ subject: 'schema', expected, got: show(given), ...didYouMean(given, SCHEMA_KINDS) });
  }
  cliContext().out(schemaText(kind).trimEnd());
  return 0;
}
