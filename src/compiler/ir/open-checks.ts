import type { Module, Region } from './module.ts';

/** Whether something in the module waits for the sizes of the model: unfolding it will decide it. */
export function hasOpenChecks({ functions }: Module): boolean {
  return [...functions.values()].some(({ body }) => isOpen(body));
}

function isOpen({ statements }: Region): boolean {
  return statements.some((statement) => {
    switch (statement.kind) {
      case 'check':
        return true;
      case 'loop':
        return isOpen(statement.body);
      case 'if':
        return isOpen(statement.then) || isOpen(statement.otherwise);
      default:
        return false;
    }
  });
}
