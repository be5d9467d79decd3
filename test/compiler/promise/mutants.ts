import fc from 'fast-check';
import { mutateSyntax } from './mutation/syntax-mutations.ts';
import { mutateText } from './mutation/text-mutations.ts';
import { Choices } from './program/choices.ts';
import { programs } from './program/random-program.ts';

const decisions = fc.array(fc.nat(9_999), { minLength: 4, maxLength: 24, size: 'max' });

/** Programs that were right, with one or two mistakes in them. */
export const mutants: fc.Arbitrary<string> = fc
  .tuple(programs, decisions)
  .map(([program, made]) => mutateSyntax(program.source(), new Choices(made)));

/** Programs that were right, with changes that know nothing of the language. */
export const textMutants: fc.Arbitrary<string> = fc
  .tuple(programs, programs, decisions)
  .map(([program, other, made]) => mutateText(program.source(), new Choices(made), other.source()));
