import type { ShopCommand } from './shop.ts';

/** A command with the id that makes it take effect once, however often the shop is seeded. */
export type SeedCommand = ShopCommand & { readonly id: string };

const kinds = { category: 1, product: 2, customer: 3, order: 4, command: 5 } as const;

/** Ids that are the same in every shop. The first digits tell them from others: seed, kind, number. */
function seedId(kind: keyof typeof kinds, number: number): string {
  return `5eed000${kinds[kind]}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

interface CategorySeed {
  readonly name: string;
  readonly under?: string;
}
const categories: readonly CategorySeed[] = [
  { name: 'Coffee' },
  { name: 'Coffee beans', under: 'Coffee' },
  { name: 'Espresso', under: 'Coffee beans' },
  { name: 'Filter', under: 'Coffee beans' },
  { name: 'Brewing', under: 'Coffee' },
  { name: 'Tea' },
  { name: 'Kitchen' },
  { name: 'Cups and glasses', under: 'Kitchen' },
  { name: 'Books' },
];

interface ProductSeed {
  readonly name: string;
  readonly in: string;
  /** In cents. */
  readonly price: number;
  readonly stock: number;
  readonly about: string;
}
const products: readonly ProductSeed[] = [
  {
    name: 'Casa Espresso 1 kg',
    in: 'Espresso',
    price: 2190,
    stock: 60,
    about: 'Dark roast of Brazil and Sumatra. Chocolate, low acidity.',
  },
  { name: 'Decaf Espresso 500 g', in: 'Espresso', price: 1390, stock: 25, about: 'Decaffeinated with water only. Caramel and hazelnut.' },
  { name: 'Guji Natural 250 g', in: 'Filter', price: 1250, stock: 40, about: 'Ethiopia, dried in the fruit. Blueberry and jasmine.' },
  { name: 'Huila Washed 250 g', in: 'Filter', price: 1090, stock: 35, about: 'Colombia, washed. Red apple and panela.' },
  { name: 'Hand Grinder', in: 'Brewing', price: 8900, stock: 12, about: 'Steel burrs, 36 clicks, from espresso to French press.' },
  { name: 'Pour-over Dripper', in: 'Brewing', price: 2450, stock: 30, about: 'Porcelain, for one to four cups.' },
  { name: 'Paper Filters, 100', in: 'Brewing', price: 590, stock: 200, about: 'Unbleached, for the pour-over dripper.' },
  {
    name: 'Gooseneck Kettle',
    in: 'Brewing',
    price: 6900,
    stock: 2,
    about: 'Holds the temperature to one degree. Delivered in small lots.',
  },
  { name: 'Moka Pot, 3 cups', in: 'Brewing', price: 3290, stock: 18, about: 'Aluminium, for gas and electric stoves.' },
  { name: 'Sencha 100 g', in: 'Tea', price: 1150, stock: 45, about: 'First flush from Kagoshima. Grass and sea air.' },
  { name: 'Darjeeling 100 g', in: 'Tea', price: 990, stock: 50, about: 'Second flush, muscatel. Takes milk, needs none.' },
  { name: 'Peppermint 50 g', in: 'Tea', price: 450, stock: 80, about: 'Whole leaves from the neighbourhood.' },
  { name: 'Espresso Cup', in: 'Cups and glasses', price: 890, stock: 96, about: 'Thick porcelain, 65 ml, with saucer.' },
  { name: 'Breakfast Mug', in: 'Cups and glasses', price: 1290, stock: 70, about: 'Stoneware, 350 ml. Goes into the dishwasher.' },
  { name: 'Latte Glass', in: 'Cups and glasses', price: 750, stock: 64, about: 'Double-walled, 300 ml.' },
  { name: 'Kitchen Scale', in: 'Kitchen', price: 3900, stock: 15, about: 'To a tenth of a gram, with a timer.' },
  { name: 'The Home Barista', in: 'Books', price: 2600, stock: 20, about: 'From bean to cup in 200 pages, with many mistakes to avoid.' },
  { name: 'A Year of Tea', in: 'Books', price: 1900, stock: 14, about: 'Fifty-two teas, one for each week.' },
];

const customers = [
  { name: 'Amelia Hart', email: 'amelia@example.org' },
  { name: 'Bruno Keller', email: 'bruno@example.org' },
  { name: 'Chiara Rossi', email: 'chiara@example.org' },
  { name: 'Daisuke Mori', email: 'daisuke@example.org' },
] as const;

interface OrderSeed {
  readonly by: (typeof customers)[number]['name'];
  readonly items: { readonly [product: string]: number };
}
/** All can be fulfilled but Bruno's three kettles, of which there are two. */
const orders: readonly OrderSeed[] = [
  { by: 'Amelia Hart', items: { 'Guji Natural 250 g': 2, 'Paper Filters, 100': 1 } },
  { by: 'Bruno Keller', items: { 'Casa Espresso 1 kg': 1, 'Espresso Cup': 6 } },
  { by: 'Chiara Rossi', items: { 'Moka Pot, 3 cups': 1 } },
  { by: 'Bruno Keller', items: { 'Gooseneck Kettle': 3, 'Pour-over Dripper': 3 } },
  { by: 'Daisuke Mori', items: { 'Sencha 100 g': 4, 'A Year of Tea': 1 } },
  { by: 'Amelia Hart', items: { 'Hand Grinder': 1, 'Huila Washed 250 g': 1 } },
  { by: 'Chiara Rossi', items: { 'Breakfast Mug': 4, 'Darjeeling 100 g': 2, 'Peppermint 50 g': 1 } },
  { by: 'Daisuke Mori', items: { 'Kitchen Scale': 1, 'The Home Barista': 1 } },
];

/** The commands that make a small shop, in an order in which each can be accepted. */
export const seed: readonly SeedCommand[] = [
  ...categories.map(createCategory),
  ...products.map(addProduct),
  ...products.map(receiveStock),
  ...customers.map(registerCustomer),
  ...orders.map(placeOrder),
].map((command, index) => ({ ...command, id: seedId('command', index + 1) }));

/** The orders among them. */
export const seededOrders: readonly string[] = orders.map((_, index) => seedId('order', index + 1));

function createCategory({ name, under }: CategorySeed): ShopCommand {
  const parentId = under === undefined ? null : idOf('category', categories, under);
  return { type: 'CreateCategory', data: { categoryId: idOf('category', categories, name), name, parentId } };
}

function addProduct({ name, in: category, price, about }: ProductSeed): ShopCommand {
  return {
    type: 'AddProduct',
    data: {
      productId: idOf('product', products, name),
      name,
      description: about,
      price: { amount: price, currency: 'EUR' },
      categoryId: idOf('category', categories, category),
    },
  };
}

function receiveStock({ name, stock }: ProductSeed): ShopCommand {
  return { type: 'ReceiveStock', data: { productId: idOf('product', products, name), quantity: stock } };
}

function registerCustomer({ name, email }: (typeof customers)[number]): ShopCommand {
  return { type: 'RegisterCustomer', data: { customerId: idOf('customer', customers, name), name, email } };
}

function placeOrder({ by, items }: OrderSeed, index: number): ShopCommand {
  return {
    type: 'PlaceOrder',
    data: {
      orderId: seedId('order', index + 1),
      customerId: idOf('customer', customers, by),
      items: Object.entries(items).map(([name, quantity]) => ({ productId: idOf('product', products, name), quantity })),
    },
  };
}

function idOf(kind: keyof typeof kinds, named: readonly { readonly name: string }[], name: string): string {
  return seedId(kind, named.findIndex((one) => one.name === name) + 1);
}
