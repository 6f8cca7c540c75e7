/** The kinds of files that have a schema: apart from the schemas, so that `--help` stays fast. */
export const SCHEMA_KINDS = [
  'campaign',
  'target',
  'system',
  'scenario',
  'result',
  'journal',
  'gate',
  'blocks',
  'night',
  'message',
] as const;
export type SchemaKind = (typeof SCHEMA_KINDS)[number];
