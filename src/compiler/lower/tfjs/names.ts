/** Words that no variable of a module may have as its name. */
const reservedWords =
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
  'false finally for function if implements import in instanceof interface let new null package private protected ' +
  'public return static super switch this throw true try typeof undefined var void while with yield async of';

/** What generated programs use of JavaScript and its hosts; a variable of that name would hide it. */
const usedGlobals =
  'Array Error Float32Array Infinity JSON Map Math NaN Number Object Promise RangeError Set String TextDecoder ' +
  'TextEncoder Uint8Array URL console globalThis performance process __proto__';

export const unavailableNames: readonly string[] = [...reservedWords.split(' '), ...usedGlobals.split(' ')];

/** Hands out JavaScript names that differ from each other, from reserved ones and from those of the scopes around. */
export class Names {
  private readonly reserved: ReadonlySet<string>;
  private readonly taken = new Set<string>();
  private readonly numbers = new Map<string, number>();
  private readonly outer: Names | undefined;

  constructor(reserved: Iterable<string>, outer?: Names) {
    this.reserved = new Set(reserved);
    this.outer = outer;
  }

  has(name: string): boolean {
    return this.taken.has(name) || this.isReserved(name);
  }

  private isReserved(name: string): boolean {
    return unavailable.has(name) || this.reserved.has(name) || (this.outer?.has(name) ?? false);
  }

  /** The name itself where it is free; with `_` where it means something else already; otherwise with a number. */
  fresh(hint: string): string {
    let base = hint.replaceAll(/[^\w$]/g, '_');
    if (base === '' || /^\d/.test(base)) base = `_${base}`;
    if (this.isReserved(base)) base = `${base}_`;
    let name = base;
    if (this.has(name)) {
      // The count goes on where it stopped, so that a thousand layers of one name take a thousand steps.
      let number = this.numbers.get(base) ?? 2;
      const stem = /\d$/.test(base) ? `${base}_` : base;
      while (this.has(`${stem}${number}`)) number++;
      name = `${stem}${number}`;
      this.numbers.set(base, number + 1);
    }
    this.taken.add(name);
    return name;
  }
}

const unavailable: ReadonlySet<string> = new Set(unavailableNames);

/** `ConvBnRelu` -> `convBnRelu`; `SIM` and `DenseNet121` keep what is an abbreviation: `SIM`, `denseNet121`. */
export function functionName(name: string): string {
  return /^[A-Z][a-z]/.test(name) ? `${name[0]?.toLowerCase()}${name.slice(1)}` : name;
}

/** The id of a function, `Activation[relu]`, as a name: `activationRelu`. */
export function variantName(id: string): string {
  const [first = '', ...rest] = id.split(/[^A-Za-z0-9_$]+/).filter((part) => part !== '');
  return functionName(first) + rest.map((part) => `${part[0]?.toUpperCase()}${part.slice(1)}`).join('');
}

/** Whether a name occurs in a text as a whole word. */
export function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + name.length] ?? ' '];
    if (!/[\w$.]/.test(before) && !/[\w$]/.test(after)) return true;
  }
  return false;
}
