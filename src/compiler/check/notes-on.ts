import { explainFailure } from '../shapes/explain-failure.ts';
import { varsOf, type Prop } from '../shapes/prop.ts';
import type { Verdict } from '../shapes/prove.ts';

/**
 * What a verdict is worth to the reader: values for which a property fails, worked out, or how far none were found. For
 * values that stand in the message alone, `fails` being `they differ`, nothing is said of sizes that need no working out.
 */
export function notesOn(prop: Prop, verdict: Verdict, fails: 'it fails' | 'they differ'): readonly string[] {
  switch (verdict.kind) {
    case 'proved':
      return [];
    case 'refuted': {
      const values = varsOf(prop).flatMap((v) => {
        const value = verdict.counterexample.get(v);
        return value === undefined ? [] : [`${v.name} = ${value}`];
      });
      const arithmetic = explainFailure(prop, verdict.counterexample);
      if (values.length === 0 || (fails === 'they differ' && arithmetic === undefined)) return [];
      const because = arithmetic === undefined ? '' : `: ${arithmetic}`;
      return [`${fails}, for example, for ${values.join(', ')}${because}`];
    }
    case 'unknown':
      return verdict.upTo === 0
        ? ['its numbers grow too large to be tried']
        : [`no sizes up to ${verdict.upTo} contradict it: all were tried, and none beyond`];
  }
}
