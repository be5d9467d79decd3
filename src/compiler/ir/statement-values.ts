import type { Statement, Value } from './module.ts';

/** The values that a statement defines for those after it. */
export function resultsOf(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case 'op':
    case 'call':
      return statement.outputs;
    case 'loop':
      return statement.carried.map(({ final }) => final);
    case 'if':
      return statement.results.map(({ output }) => output);
    case 'list':
    case 'append':
    case 'get':
    case 'slice':
      return [statement.output];
    case 'check':
      return [];
  }
}

/** All values that are read by a statement and those inside of it, some of which these have made themselves. */
export function valuesReadIn(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case 'op':
    case 'call':
      return statement.inputs;
    case 'loop':
      return [
        ...(statement.each === undefined ? [] : [statement.each.list]),
        ...statement.carried.flatMap(({ initial, next }) => [initial, next]),
        ...statement.body.statements.flatMap(valuesReadIn),
      ];
    case 'if':
      return [
        ...statement.results.flatMap(({ then, otherwise }) => [then, otherwise]),
        ...[statement.then, statement.otherwise].flatMap(({ statements }) =>
          statements.flatMap(valuesReadIn),
        ),
      ];
    case 'list':
      return statement.items;
    case 'append':
      return [statement.left, statement.right];
    case 'get':
    case 'slice':
      return [statement.list];
    case 'check':
      return [];
  }
}
