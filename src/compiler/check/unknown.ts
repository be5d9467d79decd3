import { compare, type Prop } from '../shapes/prop.ts';
import { constant, variable } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { Context } from './context.ts';
import { POISON, type Val } from './value.ts';

/** A condition that is not known while a block is defined: it may hold or not, so that both must be right. */
export function unknownCondition(cx: Context): Prop {
  return compare(variable(cx.freshOpaque('condition', undefined)), '>=', constant(1));
}

/** An element of a list that is a hyper-parameter, while its block is defined. */
export function unknownElement(cx: Context, list: Extract<Val, { kind: 'unknownList' }>, span: Span): Val {
  const { element, name } = list;
  const origin = { span, what: `an element of the hyper-parameter \`${name}\`` };
  cx.isPartial = true;
  switch (element.kind) {
    case 'BlockHyper':
      return { kind: 'abstractBlock', type: element, name };
    case 'ListHyper':
      return {
        kind: 'unknownList',
        name,
        element: element.element,
        length: variable(
          cx.freshOpaque(`len(${name})`, 0, { span, what: `the length of an element of \`${name}\`` }),
        ),
      };
    case 'PlainHyper':
      switch (element.name) {
        case 'int':
          // What it must be at least is asked where it is known; as a size it is at least 1.
          return { kind: 'int', size: variable(cx.freshOpaque(name, 1, origin)) };
        case 'float':
          return { kind: 'float', value: undefined };
        case 'string':
          return { kind: 'string', value: undefined };
        case 'bool':
          return { kind: 'bool', prop: unknownCondition(cx) };
        case 'labels':
          return { kind: 'labels', values: undefined, count: variable(cx.freshOpaque(name, 1, origin)) };
        case 'axis':
          cx.error('N3012', span, 'which axes the list names is not known where the block is defined', {
            help: 'take the axes one by one, as hyper-parameters of the type `axis`',
          });
          return POISON;
      }
  }
}
