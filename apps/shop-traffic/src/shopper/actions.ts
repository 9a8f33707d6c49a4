export const actionKinds = ['categories', 'list', 'search', 'product', 'register', 'order', 'cancel', 'follow', 'history'] as const;
export type ActionKind = (typeof actionKinds)[number];

export interface Item {
  readonly productId: string;
  readonly quantity: number;
}

/** One thing that a shopper does, one request each. */
export type Action =
  /** Looks at the tree of categories. */
  | { readonly kind: 'categories' }
  /** Looks at a page of products. */
  | { readonly kind: 'list'; readonly categoryId?: string; readonly sort: 'NAME' | 'PRICE' | 'NEWEST' }
  | { readonly kind: 'search'; readonly words: string }
  /** Looks at a product. */
  | { readonly kind: 'product'; readonly productId: string }
  | { readonly kind: 'register'; readonly customerId: string; readonly name: string; readonly email: string }
  /** Orders what is in the cart. */
  | {
      readonly kind: 'order';
      readonly orderId: string;
      readonly customerId: string;
      readonly items: readonly Item[];
      readonly paymentToken: string;
    }
  /** `atOnce`: without thinking, so that fulfilment is likely to be under way. */
  | { readonly kind: 'cancel'; readonly orderId: string; readonly reason: string; readonly atOnce: boolean }
  /** Looks how an order stands. */
  | { readonly kind: 'follow'; readonly orderId: string }
  /** Looks at the orders of a customer. */
  | { readonly kind: 'history'; readonly customerId: string };
