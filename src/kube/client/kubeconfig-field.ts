/** Single fields of a kubeconfig. Values are never shown: half of them are secrets. */
import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import type { YamlNode } from '../../core/placed-yaml.ts';
import type { KubeconfigProblems } from './kubeconfig-problems.ts';

const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/**
 * Undefined when it is missing or empty, which is the same for kubectl. Numbers are texts that look like
 * numbers.
 */
export function textField(node: YamlNode, key: string, problems: KubeconfigProblems): string | undefined {
  const child = node.entries.get(key);
  if (!child || child.value === null || child.value === '') return undefined;
  if (child.kind !== 'scalar')
    return problems.add(child.place, { subject: key, expected: 'a text', got: `a ${child.kind}` });
  const text = String(child.value);
  if (key.endsWith('-data') && !BASE64.test(text))
    return problems.add(child.place, { subject: key, expected: 'base64', got: 'something else' });
  return text;
}

/** An absolute path. A relative one is relative to its kubeconfig, as in kubectl. */
export function fileField(node: YamlNode, key: string, problems: KubeconfigProblems): string | undefined {
  const given = textField(node, key, problems);
  if (given === undefined) return undefined;
  const place = node.entries.get(key)?.place ?? node.place;
  const path = resolve(dirname(place.file), given);
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch (error) {
    return problems.add(place, { subject: key, expected: 'a readable file', got: messageOf(error) });
  }
}

/** A list of texts; empty when it is missing. */
export function textsField(node: YamlNode, key: string, problems: KubeconfigProblems): readonly string[] {
  const child = node.entries.get(key);
  if (!child || child.value === null) return [];
  if (child.kind === 'list' && child.items.every((one) => one.kind === 'scalar' && one.value !== null))
    return child.items.map((one) => String(one.value));
  problems.add(child.place, { subject: key, expected: 'a list of texts', got: `a ${child.kind}` });
  return [];
}
