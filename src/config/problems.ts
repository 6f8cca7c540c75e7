/** The problems in a user's file, with their places, collected so that all are reported at once. */
import type { z } from 'zod';
import { type Problem, throwInFileOrder, usageError } from '../core/errors.ts';
import { gotAndNext, type Said, wordsOf } from './issue-words.ts';
import { type Partly, readPartly } from './partly.ts';
import type { Path, UserFile } from './user-file.ts';

export interface FileKind {
  /** `campaign`, `target`: the name of the whole file in an error. */
  readonly name: string;
  /** The name of a part whose dotted keys are not the best name. */
  subjectOf?(path: Path): string | undefined;
}

export class Problems {
  readonly file: UserFile;
  readonly #kind: FileKind;
  readonly #all: Problem[] = [];

  constructor(file: UserFile, kind: FileKind) {
    this.file = file;
    this.#kind = kind;
  }

  /** Checks the file against its schema. @returns what could be parsed, for cross checks. */
  check<Schema extends z.ZodType>(schema: Schema): Partly<z.output<Schema>> | undefined {
    const { value, issues } = readPartly(schema, this.file.data);
    for (const { path, expected, said } of wordsOf(issues, this.file.valueAt)) this.add(path, expected, said);
    return value;
  }

  /** @param path of the value that is wrong, or of the key when `said` has `keys`. */
  add(path: Path, expected: string, said: Said = {}): undefined {
    const { line, column, file } = said.keys ? this.file.placeOfKey(path) : this.file.placeOf(path);
    this.#all.push({
      subject:
        said.subject ?? (said.keys ? `${this.#subjectOf(path.slice(0, -1))} key` : this.#subjectOf(path)),
      expected,
      ...gotAndNext(path, said, this.file.valueAt),
      place: { file, line, column: column + (said.offset ?? 0) },
    });
    return undefined;
  }

  /** Problems of a file that this one names. */
  include(problems: readonly Problem[]): undefined {
    this.#all.push(...problems);
    return undefined;
  }

  /** For a problem with which nothing else can be checked. @throws usage error. */
  refuse(path: Path, expected: string, said: Said = {}): never {
    this.add(path, expected, said);
    throw usageError(...this.#all);
  }

  /** @throws usage error with every problem, in the order of the file. */
  throwIfAny(): void {
    throwInFileOrder(this.#all);
  }

  #subjectOf(path: Path): string {
    return this.#kind.subjectOf?.(path) ?? (path.length === 0 ? this.#kind.name : dotted(path));
  }
}

/** The keys of a path, without list indices. */
export const dotted = (path: Path): string => path.filter((part) => typeof part !== 'number').join('.');
