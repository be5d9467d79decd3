/** How the body lies on the film. */
export interface Pose {
  /** The side of the square image, in centimetres of the body. */
  readonly field: number;
  /** Where the middle of the chest is, in centimetres from the middle of the image. */
  readonly x: number;
  readonly y: number;
  /** Clockwise, in radians. */
  readonly rotation: number;
}

/** A rectangle of the body, in centimetres. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The pixels of a square image and where in the body they are. */
export class Grid {
  readonly size: number;
  readonly length: number;
  /** The side of a pixel in centimetres. */
  readonly pixel: number;
  /** Zeros, one a pixel, for whoever needs some for a while and leaves zeros behind. */
  readonly scratch: Float32Array;
  readonly #cos: number;
  readonly #sin: number;
  readonly #pose: Pose;

  constructor(size: number, pose: Pose) {
    this.size = size;
    this.length = size * size;
    this.pixel = pose.field / size;
    this.scratch = new Float32Array(this.length);
    this.#cos = Math.cos(pose.rotation);
    this.#sin = Math.sin(pose.rotation);
    this.#pose = pose;
  }

  /** The pixel, in fractions, whose middle is at a place of the body. */
  pixelAt(x: number, y: number): { readonly column: number; readonly row: number } {
    const middle = (this.size - 1) / 2;
    return {
      column: (this.#cos * x - this.#sin * y + this.#pose.x) / this.pixel + middle,
      row: (this.#sin * x + this.#cos * y + this.#pose.y) / this.pixel + middle,
    };
  }

  /** Calls `visit(i, x, y)` for pixel i with its place in the body, for the pixels in the box or close to it. */
  each(box: Box, visit: (i: number, x: number, y: number) => void): void {
    const { size, pixel } = this;
    const cos = this.#cos;
    const sin = this.#sin;
    // The middle of the box and how far it reaches along the axes of the image.
    const x = (box.left + box.right) / 2;
    const y = (box.top + box.bottom) / 2;
    const halfWidth = (box.right - box.left) / 2;
    const halfHeight = (box.bottom - box.top) / 2;
    const middle = this.pixelAt(x, y);
    const columns = (cos * halfWidth + Math.abs(sin) * halfHeight) / pixel;
    const rows = (cos * halfHeight + Math.abs(sin) * halfWidth) / pixel;
    const fromColumn = Math.max(0, Math.floor(middle.column - columns));
    const toColumn = Math.min(size, Math.ceil(middle.column + columns) + 1);
    const fromRow = Math.max(0, Math.floor(middle.row - rows));
    const toRow = Math.min(size, Math.ceil(middle.row + rows) + 1);
    for (let row = fromRow; row < toRow; row++) {
      const v = (row + 0.5 - size / 2) * pixel - this.#pose.y;
      for (let column = fromColumn; column < toColumn; column++) {
        const u = (column + 0.5 - size / 2) * pixel - this.#pose.x;
        visit(row * size + column, cos * u + sin * v, cos * v - sin * u);
      }
    }
  }

  everywhere(visit: (i: number, x: number, y: number) => void): void {
    this.each({ left: -1e3, top: -1e3, right: 1e3, bottom: 1e3 }, visit);
  }
}
