import type { Action, Item } from './actions.ts';
import { between, happens, isFilled, pick, type Random } from './random.ts';

/** What there is to be wanted. */
export interface Catalogue {
  readonly products: readonly { readonly id: string; readonly name: string }[];
  readonly categories: readonly string[];
}

export interface World {
  readonly catalogue: Catalogue;
  /** The index of the product that is wanted next. */
  readonly wantedProduct: (random: Random) => number;
  /** Who has registered before. */
  readonly customers: readonly string[];
  readonly newId: () => string;
  /** Share of orders whose payment the payment simulator will decline. */
  readonly declineShare: number;
}

const givenNames = ['Aiko', 'Bruno', 'Chloé', 'Dmitri', 'Esra', 'Femi', 'Greta', 'Hiro', 'Inés', 'Jamal', 'Kaja', 'Liam'] as const;
const familyNames = ['Abe', 'Brandt', 'Costa', 'Dubois', 'Eriksen', 'Fischer', 'Garcia', 'Haddad', 'Ito', 'Jensen', 'Kaya'] as const;
const declineCodes = ['InsufficientFunds', 'FraudDetected', 'InvalidPaymentMethod'] as const;
const reasons = ['Ordered by mistake', 'Found it elsewhere', 'Changed my mind'] as const;

/** Shares of those who could. */
const shares = { search: 0.35, category: 0.6, toCart: 0.35, checkout: 0.7, newCustomer: 0.3, follow: 0.6, cancel: 0.08, history: 0.15 };

/** What one shopper does from coming in to leaving. Depends on nothing but its arguments. */
export function planVisit(random: Random, world: World): readonly Action[] {
  const looked = lookAround(random, world);
  const cart = fill(random, looked);
  return cart.length > 0 && happens(random, shares.checkout) ? [...looked, ...checkOut(random, world, cart)] : looked;
}

function lookAround(random: Random, world: World): readonly Action[] {
  const { categories, products } = world.catalogue;
  const actions: Action[] = [{ kind: 'categories' }];
  const sort = pick(random, ['NAME', 'PRICE', 'NEWEST'] as const);
  const inCategory = isFilled(categories) && happens(random, shares.category) ? { categoryId: pick(random, categories) } : {};
  actions.push({ kind: 'list', ...inCategory, sort });
  for (let looks = between(random, 1, 4); looks > 0; looks -= 1) {
    const product = products[world.wantedProduct(random)];
    if (product === undefined) break;
    if (happens(random, shares.search)) actions.push({ kind: 'search', words: firstWord(product.name) });
    actions.push({ kind: 'product', productId: product.id });
  }
  return actions;
}

function fill(random: Random, looked: readonly Action[]): readonly Item[] {
  const cart: Item[] = [];
  for (const action of looked) {
    if (action.kind === 'product' && happens(random, shares.toCart)) {
      cart.push({ productId: action.productId, quantity: happens(random, 0.75) ? 1 : between(random, 2, 3) });
    }
  }
  return cart;
}

function checkOut(random: Random, world: World, items: readonly Item[]): readonly Action[] {
  const { customers, newId, declineShare } = world;
  const returning = isFilled(customers) && !happens(random, shares.newCustomer) ? pick(random, customers) : undefined;
  const customerId = returning ?? newId();
  const orderId = newId();
  const actions: Action[] = returning === undefined ? [register(random, customerId)] : [];
  const paymentToken = happens(random, declineShare) ? `decline-${pick(random, declineCodes)}` : 'card-on-file';
  actions.push({ kind: 'order', orderId, customerId, items, paymentToken });
  if (happens(random, shares.cancel))
    actions.push({ kind: 'cancel', orderId, reason: pick(random, reasons), atOnce: happens(random, 0.5) });
  if (happens(random, shares.follow)) actions.push({ kind: 'follow', orderId });
  if (happens(random, shares.history)) actions.push({ kind: 'history', customerId });
  return actions;
}

function register(random: Random, customerId: string): Action {
  const name = `${pick(random, givenNames)} ${pick(random, familyNames)}`;
  return { kind: 'register', customerId, name, email: `${customerId}@example.org` };
}

function firstWord(name: string): string {
  return name.split(/\s+/)[0] ?? name;
}
