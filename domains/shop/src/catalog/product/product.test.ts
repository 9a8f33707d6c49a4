import { check } from '@kiroku/core';
import { invalid, nothing, on, rejected, scenario } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { aCategory, aProduct, beans, books, coffee, discontinued, eur, received } from '../../shop.examples.ts';
import { productCommands } from './commands.ts';
import { product } from './decide.ts';

const { given } = scenario(product);
const data = { productId: beans, name: 'Beans', description: 'Roasted.\nDark.', price: eur(1250), categoryId: coffee };

describe('adding a product', () => {
  test('puts it into its category', () => {
    given(aCategory(coffee, 'Coffee')).when({ type: 'AddProduct', data }).then({ type: 'ProductAdded', data });
  });

  test('does not ask for a description', () => {
    const { description: _, ...bare } = data;
    given(aCategory(coffee, 'Coffee'))
      .when({ type: 'AddProduct', data: bare })
      .then({ type: 'ProductAdded', data: { ...data, description: '' } });
  });

  test('is refused for an id that is in use, or was', () => {
    const past = [aCategory(coffee, 'Coffee'), aProduct(beans, 'Beans')];
    given(...past)
      .when({ type: 'AddProduct', data })
      .then(rejected('ProductExists'));
    given(...past, discontinued(beans))
      .when({ type: 'AddProduct', data })
      .then(rejected('ProductExists'));
  });

  test('is refused in a category that is not there', () => {
    given()
      .when({ type: 'AddProduct', data })
      .then(rejected('CategoryNotFound', { categoryId: coffee }));
  });

  test.each([
    ['a negative price', { price: eur(-1) }, 'price.amount'],
    ['a price in fractions of the minor unit', { price: eur(12.5) }, 'price.amount'],
    ['a price too large to count', { price: eur(2 ** 53) }, 'price.amount'],
    ['an unknown currency', { price: { amount: 1, currency: 'EUX' } }, 'price.currency'],
    ['a currency in small letters', { price: { amount: 1, currency: 'eur' } }, 'price.currency'],
    ['an empty name', { name: ' ' }, 'name'],
    ['a name of 121 characters', { name: 'x'.repeat(121) }, 'name'],
    ['a description of 4001 characters', { description: 'x'.repeat(4001) }, 'description'],
    ['a description with a control character', { description: 'a\u0000b' }, 'description'],
    ['an id that is no UUID', { productId: 'beans' }, 'productId'],
  ])('is invalid with %s', (_, wrong, path) => {
    given()
      .when({ type: 'AddProduct', data: { ...data, ...wrong } })
      .then(invalid(path));
  });

  test('is invalid with a field that it does not know', () => {
    expect(check(productCommands.AddProduct.schema, { ...data, stock: 5 })).toHaveProperty('issues.0.message', 'Unrecognized key: "stock"');
  });

  test('takes an id in capitals for the same id', () => {
    given(aCategory(coffee, 'Coffee'))
      .when({ type: 'AddProduct', data: { ...data, productId: beans.toUpperCase() } })
      .then({ type: 'ProductAdded', data });
  });
});

describe('changing a product', () => {
  const past = [aCategory(coffee, 'Coffee'), aCategory(books, 'Books'), aProduct(beans, 'Beans', eur(1000))];

  test('renames it', () => {
    given(...past)
      .when({ type: 'RenameProduct', data: { productId: beans, name: 'Dark beans' } })
      .then({ type: 'ProductRenamed', data: { productId: beans, name: 'Dark beans', previousName: 'Beans' } });
  });

  test('describes it', () => {
    given(...past)
      .when({ type: 'DescribeProduct', data: { productId: beans, description: 'Dark.' } })
      .then({ type: 'ProductDescribed', data: { productId: beans, description: 'Dark.' } });
  });

  test('sets another price', () => {
    given(...past)
      .when({ type: 'ChangeProductPrice', data: { productId: beans, price: eur(1100) } })
      .then({ type: 'ProductPriceChanged', data: { productId: beans, price: eur(1100), previousPrice: eur(1000) } });
  });

  test('to the same price is refused', () => {
    given(...past)
      .when({ type: 'ChangeProductPrice', data: { productId: beans, price: eur(1000) } })
      .then(rejected('PriceUnchanged'));
  });

  test('to the same number in another currency is another price', () => {
    const price = { amount: 1000, currency: 'JPY' };
    given(...past)
      .when({ type: 'ChangeProductPrice', data: { productId: beans, price } })
      .then({ type: 'ProductPriceChanged', data: { productId: beans, price, previousPrice: eur(1000) } });
  });

  test('puts it into another category', () => {
    given(...past)
      .when({ type: 'RecategoriseProduct', data: { productId: beans, categoryId: books } })
      .then({ type: 'ProductRecategorised', data: { productId: beans, categoryId: books, previousCategoryId: coffee } });
  });

  test('into a category that is not there is refused', () => {
    given(aCategory(coffee, 'Coffee'), aProduct(beans, 'Beans'))
      .when({ type: 'RecategoriseProduct', data: { productId: beans, categoryId: books } })
      .then(rejected('CategoryNotFound'));
  });

  test.each([
    { type: 'RenameProduct', data: { productId: beans, name: 'Beans' } },
    { type: 'DescribeProduct', data: { productId: beans, description: '' } },
    { type: 'RecategoriseProduct', data: { productId: beans, categoryId: coffee } },
  ] as const)('to what it is already does nothing: $type', (change) => {
    given(...past)
      .when(change)
      .then(nothing);
  });

  test.each([
    { type: 'RenameProduct', data: { productId: beans, name: 'X' } },
    { type: 'DescribeProduct', data: { productId: beans, description: 'X' } },
    { type: 'ChangeProductPrice', data: { productId: beans, price: eur(1) } },
    { type: 'RecategoriseProduct', data: { productId: beans, categoryId: books } },
    { type: 'DiscontinueProduct', data: { productId: beans } },
  ] as const)('is refused when it is not there, or no longer sold: $type', (change) => {
    given().when(change).then(rejected('ProductNotFound'));
    given(...past, discontinued(beans))
      .when(change)
      .then(rejected('ProductIsDiscontinued'));
  });
});

describe('discontinuing a product', () => {
  const discontinue = { type: 'DiscontinueProduct', data: { productId: beans } } as const;

  test('takes it off sale', () => {
    given(aProduct(beans, 'Beans'))
      .when(discontinue)
      .then({ type: 'ProductDiscontinued', data: { productId: beans, categoryId: coffee } });
  });

  test('is refused while some of it is on hand', () => {
    given(aProduct(beans, 'Beans'), received(beans, 3))
      .when(discontinue)
      .then(rejected('ProductHasStock', { onHand: 3 }));
  });

  test('frees the category it is in now', () => {
    given(
      aProduct(beans, 'Beans'),
      on(product, beans, { type: 'ProductRecategorised', data: { productId: beans, categoryId: books, previousCategoryId: coffee } }),
    )
      .when(discontinue)
      .then({ type: 'ProductDiscontinued', data: { productId: beans, categoryId: books } });
  });
});
