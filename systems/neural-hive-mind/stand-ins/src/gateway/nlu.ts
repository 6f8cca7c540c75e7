/**
 * Scores a text by rules, as the gateway documents it (docs/systems/neural-hive-mind.md, "One intention").
 * Pure.
 */
import { DOMAIN_RULES, type DomainRules, ENTITIES, type NluDomain } from './nlu-rules.ts';

export interface Entity {
  readonly entityType: string;
  readonly value: string;
  readonly confidence: number;
  readonly start: number;
  readonly end: number;
}

export interface NluResult {
  readonly domain: NluDomain;
  readonly classification: string;
  readonly confidence: number;
  readonly confidenceStatus: 'high' | 'medium' | 'low';
  readonly processedText: string;
  readonly keywords: readonly string[];
  readonly entities: readonly Entity[];
}

const KEYWORD = 2;
/** +3 per pattern, doubled because the real tables are merged twice. */
const PATTERN = 6;
const HIGHEST = 0.95;

/** The message of the text-quality check for a refused text, or undefined. */
export function textQualityProblem(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length < 3) return 'Texto muito curto: mínimo de 3 caracteres';
  if (trimmed.split(/\s+/).length < 2) return 'Texto inválido: mínimo de 2 palavras';
  return undefined;
}

export function understand(text: string): NluResult {
  const lower = text.toLowerCase();
  const tokens = lower.match(/[\p{L}\p{N}_]+/gu) ?? [];
  const entities = findEntities(text);
  const scored = DOMAIN_RULES.map((rules) => score(rules, lower, tokens, entities));
  const best = scored.reduce((winner, one) => (one.score > winner.score ? one : winner));
  const common = { processedText: text.trim(), entities };
  if (best.score === 0) {
    const nothing = { domain: 'TECHNICAL', classification: 'general', confidence: 0.2 } as const;
    return { ...common, ...nothing, confidenceStatus: 'low', keywords: [] };
  }
  const boosts = [text.length > 50, entities.length >= 2, best.subcategories.length >= 2];
  const base = Math.min(HIGHEST, Math.min(HIGHEST, (best.score / 3) * 0.85) + 0.15);
  const confidence = Math.min(HIGHEST, base + 0.05 * boosts.filter(Boolean).length);
  return {
    ...common,
    domain: best.domain,
    classification: best.subcategories[0] ?? 'general',
    confidence,
    confidenceStatus: confidenceStatusOf(confidence),
    keywords: best.keywords,
  };
}

export function confidenceStatusOf(confidence: number): NluResult['confidenceStatus'] {
  if (confidence >= 0.75) return 'high';
  return confidence >= 0.5 ? 'medium' : 'low';
}

interface Score {
  readonly domain: NluDomain;
  readonly score: number;
  readonly keywords: readonly string[];
  /** The matched subcategories, most hits first. */
  readonly subcategories: readonly string[];
}

function score(
  rules: DomainRules,
  lower: string,
  tokens: readonly string[],
  entities: readonly Entity[],
): Score {
  const keywords = tokens.filter((token) => rules.keywords.has(token));
  const patterns = rules.patterns.filter((pattern) => pattern.test(lower)).length;
  const subcategories = Object.entries(rules.subcategories)
    .map(([name, members]) => ({ name, hits: tokens.filter((token) => members.has(token)).length }))
    .filter(({ hits }) => hits > 0)
    .sort((a, b) => b.hits - a.hits);
  const speaking = rules.domain === 'BUSINESS' ? ['ORG', 'PRODUCT'] : ['MISC', 'EVENT'];
  const takesEntities = rules.domain === 'BUSINESS' || rules.domain === 'TECHNICAL';
  const fromEntities = takesEntities
    ? entities.filter(({ entityType }) => speaking.includes(entityType)).length
    : 0;
  const fromSubcategories = subcategories.reduce((sum, { hits }) => sum + hits, 0);
  return {
    domain: rules.domain,
    score: KEYWORD * keywords.length + PATTERN * patterns + fromSubcategories + fromEntities,
    keywords: [...new Set(keywords)],
    subcategories: subcategories.map(({ name }) => name),
  };
}

function findEntities(text: string): readonly Entity[] {
  return ENTITIES.flatMap(({ label, text: pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({
      entityType: label,
      value: match[0],
      confidence: 0.8,
      start: match.index,
      end: match.index + match[0].length,
    })),
  );
}
