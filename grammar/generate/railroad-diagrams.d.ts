/** What is used of the package, which has no types. */
declare module 'railroad-diagrams' {
  interface Part {
    readonly width: number;
  }

  interface Shapes {
    /** Its text is an `svg` element without a namespace. */
    Diagram(...parts: readonly Part[]): { toString(): string };
    Sequence(...parts: readonly Part[]): Part;
    Choice(straight: number, ...parts: readonly Part[]): Part;
    Optional(part: Part): Part;
    OneOrMore(part: Part, between?: Part): Part;
    ZeroOrMore(part: Part): Part;
    Terminal(text: string): Part;
    NonTerminal(text: string): Part;
  }

  const shapes: Shapes;
  export = shapes;
}
