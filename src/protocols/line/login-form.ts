/** How a login is written in a target file; a protocol takes the keys that it knows, and no others. */
import type { z } from 'zod';
import type { Login, Mechanism } from '../../core/login.ts';
import type { SecretRef } from '../../core/receivers.ts';

export interface LoginParts {
  readonly user: z.ZodType<string>;
  readonly database: z.ZodType<string>;
  readonly password: z.ZodType<SecretRef>;
  readonly token: z.ZodType<SecretRef>;
  mechanism<const Words extends readonly [Mechanism, ...Mechanism[]]>(words: Words): z.ZodType<Words[number]>;
  block<Shape extends z.ZodRawShape>(shape: Shape): z.ZodType<z.output<z.ZodObject<Shape>>>;
  /** One of two forms: that of tokens where the map has `token`, or this mechanism. */
  byToken(
    mechanism: Mechanism,
    forms: { readonly token: z.ZodType; readonly password: z.ZodType },
  ): z.ZodType;
}

/** Its output is a {@link Login}; zod has no name for that of a choice. */
export type LoginForm = (parts: LoginParts) => z.ZodType<Login> | z.ZodType;
