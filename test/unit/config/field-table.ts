/** The fields of a kind of file as a Markdown table, from its JSON Schema. */
interface Part {
  readonly $ref?: string;
  readonly allOf?: readonly Part[];
  readonly anyOf?: readonly Part[];
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Part>>;
  readonly items?: Part;
  readonly additionalProperties?: Part | boolean;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly examples?: readonly string[];
  readonly definitions?: Readonly<Record<string, Part>>;
}

/** Faults have pages of their own (docs/faults). */
const LEFT_OUT = ['faults'];

export function fieldTable(schema: unknown): string {
  const { definitions = {}, ...root } = schema as Part;
  const resolved = (part: Part): Part => {
    const inner = part.$ref ?? part.allOf?.[0]?.$ref;
    const { description, ...rest } = part;
    const whole =
      inner === undefined ? part : { ...definitions[inner.replace('#/definitions/', '')], ...rest };
    return description === undefined ? whole : { ...whole, description };
  };
  const rows: string[] = [];
  const walk = (part: Part, path: string): void => {
    for (const form of part.anyOf ?? [part]) {
      const { properties = {}, required = [], items, additionalProperties } = resolved(form);
      for (const [key, value] of Object.entries(properties)) {
        const field = resolved(value);
        const name = path === '' ? key : `${path}.${key}`;
        const need = required.includes(key)
          ? 'required'
          : field.default === undefined
            ? ''
            : `\`${JSON.stringify(field.default).replaceAll('"', '')}\``;
        const row = `| \`${name}\` | ${said(field)} | ${need} | ${field.description ?? ''} |`;
        if (!rows.includes(row)) rows.push(row);
        if (!LEFT_OUT.includes(name)) walk(field, name);
      }
      if (items !== undefined) walk(resolved(items), path);
      if (typeof additionalProperties === 'object') walk(resolved(additionalProperties), `${path}.NAME`);
    }
  };
  walk(root, '');
  return ['| field | written as | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function said({ enum: words, examples, type, anyOf, items }: Part): string {
  if (words !== undefined) return words.map((one) => `\`${String(one)}\``).join(', ');
  if (examples !== undefined && examples.length > 0) return examples.map((one) => `\`${one}\``).join(', ');
  if (items !== undefined || type === 'array') return 'a list';
  const forms = anyOf?.filter((one) => one.type !== 'null') ?? [];
  if (forms.length > 1) return forms.every((one) => one.type === 'object') ? 'a map' : 'one, or a list';
  if (forms[0] !== undefined) return said(forms[0]);
  return type === 'object' ? 'a map' : type === 'string' ? 'a text' : `${String(type ?? 'a text')}`;
}
