/**
 * How a question is written in a system file. A protocol says it with these helpers; config turns it into a
 * schema and reports its mistakes.
 */
import type { z } from 'zod';
import type { GoodAnswer } from '../../core/good-answer.ts';
import type { Body, Question, WantedFields } from '../../core/system.ts';
import type { Ms } from '../../core/units.ts';

export interface Forms {
  /** @param expected in words. @param pattern default: any text that is not blank. */
  text(expected: string, pattern?: RegExp): z.ZodType<string>;
  /** A map, or the path of a file beside the system's. */
  readonly body: z.ZodType<unknown>;
  /** What fields of an answer must be, by dotted path. */
  readonly fields: z.ZodType<WantedFields>;
  /** A status, or `{ status, json }`. */
  readonly good: z.ZodType<GoodAnswer>;
  readonly headers: z.ZodType<Readonly<Record<string, string>>>;
  /** @param least such as `10ms`. */
  duration(least: string): z.ZodType<Ms>;
  block<Shape extends z.ZodRawShape>(shape: Shape): z.ZodType<z.output<z.ZodObject<Shape>>>;
}

/** One way to write a question. */
export interface AskForm {
  /** Any of these keys chooses it. */
  readonly keys: readonly string[];
  shape(forms: Forms): z.ZodRawShape;
  /** @param bodyOf a body as written → with the absolute path of its file. */
  read(written: never, bodyOf: (written: unknown) => Body | null): Question;
  /** A rule about several keys: what is expected instead, and of which key. */
  refusal?(written: never): { readonly key: string; readonly expected: string } | undefined;
}

type Written<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

export const askForm = <Shape extends z.ZodRawShape>(form: {
  readonly keys: readonly string[];
  shape(forms: Forms): Shape;
  read(written: Written<Shape>, bodyOf: (written: unknown) => Body | null): Question;
  refusal?(written: Written<Shape>): { readonly key: string; readonly expected: string } | undefined;
}): AskForm => form;
