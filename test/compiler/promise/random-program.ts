/**
 * Programs drawn at random, with what must come of them: a block over symbolic sizes, a model that calls it with
 * numbers, and the shape of the output by this file's own reckoning. The block is right by construction, so that it
 * must be accepted; the model must be accepted exactly if the numbers are admissible.
 */

/** Decisions, one after the other; fewer or smaller ones make a smaller program. */
export class Choices {
  private readonly decisions: readonly number[];
  private next = 0;

  constructor(decisions: readonly number[]) {
    this.decisions = decisions;
  }

  get isEmpty(): boolean {
    return this.next >= this.decisions.length;
  }

  below(limit: number): number {
    return (this.decisions[this.next++] ?? 0) % limit;
  }

  pick<T>(options: readonly [T, ...T[]]): T {
    return options[this.below(options.length)] ?? options[0];
  }

  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent;
  }
}

export interface RandomProgram {
  readonly source: string;
  /** By axis; undefined where the numbers are not admissible. */
  readonly output: ReadonlyMap<string, number> | undefined;
}

interface Dim {
  /** As the language writes it, over the sizes of the signature; undefined where a loop has made it opaque. */
  readonly text: string | undefined;
  readonly value: number;
}

const library = `
block Gate(hidden: int)(x: [N, C, ...R]) -> [N, C, ...R] {
  narrow = x |> linear(C -> C: hidden) |> relu
  gate = narrow |> linear(C -> C: C) |> sigmoid
  return x * gate
}
block Residual(inner: block([N, C, ...R]) -> [N, C, ...R])(x: [N, C, ...R]) -> [N, C, ...R] {
  return x + inner(x)
}
block Widen(by: int)(x: [N, C, ...R]) -> [N, C: by * C, ...R] where by >= 1 {
  copies = [x]
  for i in 1..by { copies = copies ++ [x |> linear(C -> C: C)] }
  return concat(copies, along: C)
}
block Centre(a: axis)(x: [N, a, ...R]) -> [N, a, ...R] {
  middle = x |> mean(over: [a])
  return x - middle
}
block Pair(to: int)(x: [N, C, ...R]) -> ([N, C: to, ...R], [N, C, ...R]) {
  narrow = x |> linear(C -> C: to)
  return narrow, tanh(x)
}
`;

export function randomProgram(choices: Choices): RandomProgram {
  return new Generator(choices).run();
}

class Generator {
  private readonly choices: Choices;
  private readonly lines: string[] = [];
  private readonly where: { text: string; holds: boolean }[] = [];
  private readonly hypers: { name: string; value: number }[] = [];
  private readonly sizes: Readonly<Record<'C' | 'H' | 'W', number>>;
  private axes: Map<string, Dim>;
  private isAdmissible = true;
  private names = 0;

  constructor(choices: Choices) {
    this.choices = choices;
    this.sizes = { C: 1 + choices.below(12), H: 1 + choices.below(9), W: 1 + choices.below(9) };
    this.axes = new Map(Object.entries(this.sizes).map(([name, value]) => [name, { text: name, value }]));
  }

  run(): RandomProgram {
    for (let i = 0; i < 7 && !this.choices.isEmpty; i++) {
      this.statement();
    }
    const opaque = [...this.axes].filter(([, { text }]) => text === undefined).map(([name]) => name);
    if (opaque.length > 0) {
      this.line(`x = x |> mean(over: [${opaque.join(', ')}])`);
      for (const name of opaque) this.axes.delete(name);
    }
    return { source: this.source(), output: this.shape() };
  }

  private shape(): ReadonlyMap<string, number> | undefined {
    if (!this.isAdmissible || this.where.some(({ holds }) => !holds)) return undefined;
    return new Map([...this.axes].map(([name, { value }]) => [name, value]));
  }

  private source(): string {
    const hypers = this.hypers.map(({ name }) => `${name}: int`).join(', ');
    const axes = [...this.axes].map(([name, { text }]) => `${name}: ${text ?? '?'}`);
    const where = this.where.length === 0 ? '' : `\n  where ${this.where.map(({ text }) => text).join(', ')}`;
    const given = this.hypers.map(({ name, value }) => `${name}: ${value}`).join(', ');
    const { C, H, W } = this.sizes;
    return `language 1
${library}
block F(${hypers})(x: [N, C, H, W]) -> [${['N', ...axes].join(', ')}]${where}
{
${this.lines.map((line) => `  ${line}`).join('\n')}
  return x
}

model M() {
  input x: [N, C: ${C}, H: ${H}, W: ${W}]
  output y = F(${given})(x)
}
`;
  }

  // ------------------------------------------------------------ pieces

  private line(text: string): void {
    this.lines.push(text);
  }

  private fresh(): string {
    return `v${this.names++}`;
  }

  /** A hyper-parameter that is at least `least`; whether it is, is asked of the caller. */
  private hyper(least: number, most: number): Dim {
    const name = `k${this.hypers.length}`;
    const value = this.choices.chance(15) ? least - 1 : least + this.choices.below(most - least + 1);
    this.hypers.push({ name, value });
    this.demand(`${name} >= ${least}`, value >= least);
    return { text: name, value: Math.max(value, least) };
  }

  private demand(text: string, holds: boolean): void {
    this.where.push({ text, holds });
  }

  private dim(axis: string): Dim {
    const dim = this.axes.get(axis);
    if (dim === undefined) throw new Error(`there is no axis ${axis}`);
    return dim;
  }

  private width(): Dim {
    const { text, value } = this.dim('C');
    switch (this.choices.below(4)) {
      case 0:
        return { text: '3', value: 3 };
      case 1:
        return { text, value };
      case 2:
        return this.hyper(1, 5);
      default:
        return { text: `2 * (${text})`, value: 2 * value };
    }
  }

  private spatial(): readonly string[] {
    return ['H', 'W'].filter((axis) => this.axes.has(axis));
  }

  private statement(): void {
    const options = [
      () => this.linear(),
      () => this.elementwise(),
      () => this.grow(),
      () => this.groups(),
      () => this.branch(),
      () => this.literalLoop(),
      () => this.called(),
      ...(this.spatial().length > 0 ? [() => this.conv(), () => this.pool(), () => this.poolLoop(), () => this.reduce(), () => this.resize(), () => this.slice(), () => this.pad(), () => this.places()] : []), // prettier-ignore
    ];
    (options[this.choices.below(options.length)] ?? (() => this.linear()))();
  }

  // ------------------------------------------------------------ statements

  private linear(): void {
    const to = this.width();
    this.line(`x = x |> linear(C -> C: ${to.text}) |> rename(C -> D) |> rename(D -> C)`);
    this.distinct();
    this.axes.set('C', to);
  }

  /** Instances of statements that bind `x` again and again need names of their own. */
  private distinct(): void {
    const last = this.lines.pop();
    if (last === undefined) return;
    const name = this.fresh();
    this.line(last.replace(/^x = /, `${name} = `));
    this.line(`x = ${name}`);
  }

  private elementwise(): void {
    const [axis = 'C'] = this.spatial();
    const form = this.choices.pick([
      'x = relu(x) + x * 2',
      `x = x * mean(x, over: [${axis}])`,
      'x = x - sigmoid(x)',
      'x = softmax(x, C)',
      'x = maximum(x, 0.5) / (1 + abs(x))',
      'x = batch_norm(C)(x)',
    ]);
    this.line(form);
    if (form.includes('batch_norm')) this.distinct();
  }

  private conv(): void {
    const axes = this.spatial();
    const to = this.width();
    const stride = this.choices.chance(30) ? this.hyper(1, 3) : { text: '2', value: 2 };
    const kernel = this.choices.pick([1, 3]);
    const over = axes.map((axis) => `${axis}: ${kernel}`).join(', ');
    this.line(`x = x |> conv(C -> C: ${to.text}, over: [${over}], stride: ${stride.text})`);
    this.distinct();
    this.axes.set('C', to);
    for (const axis of axes) {
      const { text, value } = this.dim(axis);
      const after = text === undefined ? undefined : `ceildiv(${text}, ${stride.text})`;
      this.axes.set(axis, { text: after, value: Math.ceil(value / stride.value) });
    }
  }

  private pool(): void {
    const axis = this.choices.pick(['H', 'W']);
    if (!this.axes.has(axis)) return;
    const kernel = 2 + this.choices.below(2);
    const stride = 1 + this.choices.below(2);
    const op = this.choices.pick(['max_pool', 'avg_pool']);
    this.line(`x = x |> ${op}(over: [${axis}: ${kernel}], stride: ${stride})`);
    this.axes.set(axis, this.pooled(this.dim(axis), kernel, stride));
  }

  /** Sizes that shrink by no regular step: opaque after the loop. */
  private poolLoop(): void {
    const axis = this.spatial()[0] ?? 'H';
    const turns = this.choices.chance(50) ? this.hyper(0, 2) : { text: '2', value: 2 };
    this.line(`for i in 0..${turns.text} { x = x |> max_pool(over: [${axis}: 2]) }`);
    let dim = this.dim(axis);
    this.axes.set(axis, { text: undefined, value: dim.value });
    for (let i = 0; i < turns.value; i++) dim = this.pooled(dim, 2, 2);
    this.axes.set(axis, { text: undefined, value: dim.value });
  }

  private reduce(): void {
    const axes = this.spatial();
    const axis = axes[this.choices.below(axes.length)] ?? 'H';
    this.line(`x = x |> ${this.choices.pick(['mean', 'sum', 'max', 'min'])}(over: [${axis}])`);
    this.axes.delete(axis);
  }

  private resize(): void {
    const axis = this.spatial()[0] ?? 'H';
    const to = this.hyper(1, 6);
    this.line(
      `x = x |> resize(over: [${axis}: ${to.text}], mode: ${this.choices.pick(['nearest', 'bilinear'])})`,
    );
    this.axes.set(axis, to);
  }

  /** The first elements cut off, or every other one left out. */
  private slice(): void {
    const axis = this.spatial()[0] ?? 'H';
    const { text, value } = this.dim(axis);
    const by = this.choices.chance(50) ? this.hyper(1, 3) : { text: '1', value: 1 };
    if (this.choices.chance(50)) {
      this.line(`x = x |> slice(${axis}, start: ${by.text})`);
      if (value <= by.value) this.isAdmissible = false;
      const after = text === undefined ? undefined : `${text} - ${by.text}`;
      this.axes.set(axis, { text: after, value: Math.max(1, value - by.value) });
    } else {
      this.line(`x = x |> slice(${axis}, step: ${by.text})`);
      const after = text === undefined ? undefined : `ceildiv(${text}, ${by.text})`;
      this.axes.set(axis, { text: after, value: Math.ceil(value / by.value) });
    }
  }

  private pad(): void {
    const axis = this.spatial()[0] ?? 'H';
    const { text, value } = this.dim(axis);
    const by = this.choices.chance(50) ? this.hyper(0, 3) : { text: '2', value: 2 };
    const mode = this.choices.pick(['constant', 'edge', 'reflect']);
    const side = this.choices.pick(['before', 'after']);
    this.line(`x = x |> pad(${side}: [${axis}: ${by.text}], mode: ${mode})`);
    if (mode === 'reflect' && value <= by.value) this.isAdmissible = false;
    const after = text === undefined ? undefined : `${text} + ${by.text}`;
    this.axes.set(axis, { text: after, value: value + by.value });
  }

  /** What moves elements, or numbers them. */
  private places(): void {
    const axis = this.spatial()[0] ?? 'H';
    const { text } = this.dim(axis);
    const by = this.hyper(0, 4);
    const forms: [string, ...string[]] = [
      `x = x |> roll(by: [${axis}: -${by.text}])`,
      `x = x |> cumsum(${axis})`,
      `x = gather(x, argmax(x, C), along: C) + x`,
    ];
    if (text !== undefined) forms.push(`x = x + positions(over: [${axis}: ${text}])`);
    this.line(this.choices.pick(forms));
  }

  /** Growth by a step that is the same in each turn. */
  private grow(): void {
    const turns = this.hyper(0, 3);
    const by = this.choices.chance(50) ? this.hyper(1, 3) : { text: '2', value: 2 };
    const name = this.fresh();
    this.line(`for i in 0..${turns.text} {`);
    this.line(`  ${name} = x |> linear(C -> C: ${by.text})`);
    this.line(`  x = concat([x, ${name}], along: C)`);
    this.line('}');
    const { text, value } = this.dim('C');
    this.axes.set('C', {
      text: `${text} + ${turns.text} * ${by.text}`,
      value: value + turns.value * by.value,
    });
  }

  private groups(): void {
    const { text, value } = this.dim('C');
    const count = this.hyper(1, 3);
    this.demand(`(${text}) % ${count.text} == 0`, value % count.value === 0);
    const [parts, part, seen] = [this.fresh(), this.fresh(), this.fresh()];
    this.line(`${parts} = x |> split(C, into: ${count.text})`);
    this.line(`${part} = ${parts}[0]`);
    this.line(`${seen} = [${part}]`);
    this.line(`for g in ${parts}[1..] {`);
    this.line(`  ${part} = linear(C -> C: (${text}) / ${count.text})(g + ${part})`);
    this.line(`  ${seen} = ${seen} ++ [${part}]`);
    this.line('}');
    this.line(`x = concat(${seen}, along: C) |> shuffle(C, groups: ${count.text})`);
  }

  private branch(): void {
    const { text, value } = this.dim('C');
    const to = this.hyper(1, 4);
    const [y] = [this.fresh()];
    const condition = this.choices.pick([`(${text}) == ${to.text}`, `${to.text} > 2`]);
    if (condition.includes('==')) {
      this.line(`if ${condition} { ${y} = x } else { ${y} = linear(C -> C: ${to.text})(x) }`);
      this.axes.set('C', value === to.value ? { text: to.text, value } : to);
    } else {
      this.line(`if ${condition} { ${y} = relu(x) } else if ${to.text} == 1 { ${y} = x } else { ${y} = -x }`);
    }
    this.line(`x = ${y}`);
  }

  private literalLoop(): void {
    const widths = [2, 3, 1].slice(0, 1 + this.choices.below(3));
    const name = this.fresh();
    this.line(`for w in [${widths.join(', ')}] {`);
    this.line(`  ${name} = x |> linear(C -> C: w)`);
    this.line(`  x = ${name}`);
    this.line('}');
    const last = widths.at(-1) ?? 1;
    this.axes.set('C', { text: String(last), value: last });
  }

  private called(): void {
    const { text, value } = this.dim('C');
    const name = this.fresh();
    switch (this.choices.below(5)) {
      case 0:
        this.line(`${name} = x |> Gate(2)`);
        break;
      case 1:
        this.line(
          `${name} = x |> Residual(inner: ${this.choices.pick(['relu', `linear(C -> C: ${text})`, 'Gate(3)'])})`,
        );
        break;
      case 2: {
        const by = this.hyper(1, 3);
        this.line(`${name} = x |> Widen(${by.text})`);
        this.axes.set('C', { text: `${by.text} * (${text})`, value: by.value * value });
        break;
      }
      case 3:
        this.line(`${name} = x |> Centre(${this.spatial()[0] ?? 'C'})`);
        break;
      default: {
        const to = this.hyper(1, 3);
        this.line(`pair${name} = Pair(${to.text})`);
        this.line(`(${name}, rest${name}) = pair${name}(x)`);
        this.line(`${name} = ${name} * mean(rest${name}, over: [C])`);
        this.axes.set('C', to);
      }
    }
    this.line(`x = ${name}`);
  }

  /** One of kernel 2 or 3 sliding along an axis; where it does not fit, the numbers are not admissible. */
  private pooled({ text, value }: Dim, kernel: number, stride: number): Dim {
    if (value < kernel) this.isAdmissible = false;
    const after = text === undefined ? undefined : `floordiv(${text} - ${kernel}, ${stride}) + 1`;
    return { text: after, value: Math.max(1, Math.floor((value - kernel) / stride) + 1) };
  }
}
