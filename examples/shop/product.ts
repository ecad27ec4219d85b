/** One thing that the shop sells. */
export interface Product {
  readonly id: string;
  readonly name: string;
  /** In cents. */
  readonly priceCents: number;
}

/** All that the shop sells. */
export const PRODUCTS: readonly Product[] = [
  { id: "lantern", name: "Storm lantern", priceCents: 3900 },
  { id: "rope", name: "Hemp rope, 20 m", priceCents: 1850 },
  { id: "kettle", name: "Enamel kettle", priceCents: 2700 },
];
