// What we use of dagre. Its own declarations import one another without extensions, which TypeScript does not resolve in
// modules, so that all of it would be `any`.
declare module '@dagrejs/dagre' {
  export interface NodeLabel {
    readonly width: number;
    readonly height: number;
    /** The middle, once it is laid out. */
    readonly x?: number;
    readonly y?: number;
  }

  export interface EdgeLabel {
    /** Of the text that stands on the edge. */
    readonly width: number;
    readonly height: number;
    readonly labelpos: 'c';
    readonly x?: number;
    readonly y?: number;
    readonly points?: readonly { readonly x: number; readonly y: number }[];
  }

  export interface GraphLabel {
    readonly rankdir: 'TB';
    readonly nodesep: number;
    readonly edgesep: number;
    readonly ranksep: number;
    readonly marginx: number;
    readonly marginy: number;
    readonly width?: number;
    readonly height?: number;
  }

  export class Graph {
    setGraph(label: GraphLabel): this;
    setNode(id: string, label: NodeLabel): this;
    setEdge(from: string, to: string, label: EdgeLabel): this;
    graph(): GraphLabel;
    node(id: string): NodeLabel;
    edge(from: string, to: string): EdgeLabel;
  }

  /** Adds places to the labels. */
  export function layout(graph: Graph): void;
}
