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
  readonly #cos: number;
  readonly #sin: number;
  readonly #pose: Pose;

  constructor(size: number, pose: Pose) {
    this.size = size;
    this.length = size * size;
    this.pixel = pose.field / size;
    this.#cos = Math.cos(pose.rotation);
    this.#sin = Math.sin(pose.rotation);
    this.#pose = pose;
  }

  /** Calls `visit(i, x, y)` for pixel i with its place in the body, for the pixels in the box or close to it. */
  each(box: Box, visit: (i: number, x: number, y: number) => void): void {
    const [fromColumn, toColumn, fromRow, toRow] = this.#pixelsOf(box);
    for (let row = fromRow; row < toRow; row++) {
      const v = (row + 0.5 - this.size / 2) * this.pixel - this.#pose.y;
      for (let column = fromColumn; column < toColumn; column++) {
        const u = (column + 0.5 - this.size / 2) * this.pixel - this.#pose.x;
        visit(row * this.size + column, this.#cos * u + this.#sin * v, this.#cos * v - this.#sin * u);
      }
    }
  }

  everywhere(visit: (i: number, x: number, y: number) => void): void {
    this.each({ left: -1e3, top: -1e3, right: 1e3, bottom: 1e3 }, visit);
  }

  /** The columns and rows, each from and to (not included), that hold the box. */
  #pixelsOf({ left, top, right, bottom }: Box): readonly [number, number, number, number] {
    const columns: number[] = [];
    const rows: number[] = [];
    for (const x of [left, right]) {
      for (const y of [top, bottom]) {
        columns.push((this.#cos * x - this.#sin * y + this.#pose.x) / this.pixel + this.size / 2);
        rows.push((this.#sin * x + this.#cos * y + this.#pose.y) / this.pixel + this.size / 2);
      }
    }
    const inside = (pixel: number) => Math.max(0, Math.min(this.size, pixel));
    return [
      inside(Math.floor(Math.min(...columns))),
      inside(Math.ceil(Math.max(...columns)) + 1),
      inside(Math.floor(Math.min(...rows))),
      inside(Math.ceil(Math.max(...rows)) + 1),
    ];
  }
}
