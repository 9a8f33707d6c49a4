import { invalid, nothing, on, rejected, scenario } from '@kiroku/testing';
import { describe, test } from 'vitest';
import { aCategory, aProduct, beans, books, coffee, discontinued, novels, unknown } from '../../shop.examples.ts';
import { category } from './decide.ts';

const { given } = scenario(category);

describe('creating a category', () => {
  test('makes a category at the root when no parent is named', () => {
    given()
      .when({ type: 'CreateCategory', data: { categoryId: books, name: '  Books ' } })
      .then({ type: 'CategoryCreated', data: { categoryId: books, name: 'Books', parentId: null, ancestors: [] } });
  });

  test('remembers all that is above it, nearest first', () => {
    given(aCategory(books, 'Books'), aCategory(novels, 'Novels', [books]))
      .when({ type: 'CreateCategory', data: { categoryId: coffee, name: 'Crime', parentId: novels } })
      .then({ type: 'CategoryCreated', data: { categoryId: coffee, name: 'Crime', parentId: novels, ancestors: [novels, books] } });
  });

  test('follows a parent whose own parent was moved since', () => {
    given(
      aCategory(books, 'Books'),
      aCategory(novels, 'Novels', [books]),
      aCategory(coffee, 'Coffee'),
      moved(books, coffee, null, [coffee]),
    )
      .when({ type: 'CreateCategory', data: { categoryId: beans, name: 'Crime', parentId: novels } })
      .then({ type: 'CategoryCreated', data: { categoryId: beans, name: 'Crime', parentId: novels, ancestors: [novels, books, coffee] } });
  });

  test('is refused for an id that is in use, or was', () => {
    const again = { type: 'CreateCategory', data: { categoryId: books, name: 'Other' } } as const;
    given(aCategory(books, 'Books')).when(again).then(rejected('CategoryExists'));
    given(aCategory(books, 'Books'), deleted(books, 'Books')).when(again).then(rejected('CategoryExists'));
  });

  test.each(['Books', 'bOOKS', ' Books ', 'Ｂｏｏｋｓ', 'Bo\u200boks'])(
    'is refused if another is called Books and this one "%s"',
    (name) => {
      given(aCategory(books, 'Books'))
        .when({ type: 'CreateCategory', data: { categoryId: novels, name } })
        .then(rejected('CategoryNameTaken', { categoryId: books }));
    },
  );

  test('may take a name that a rename has freed', () => {
    given(aCategory(books, 'Books'), renamed(books, 'Books', 'Reading'))
      .when({ type: 'CreateCategory', data: { categoryId: novels, name: 'Books' } })
      .then({ type: 'CategoryCreated', data: { categoryId: novels, name: 'Books', parentId: null, ancestors: [] } });
  });

  test('may take the name of a deleted category', () => {
    given(aCategory(books, 'Books'), deleted(books, 'Books'))
      .when({ type: 'CreateCategory', data: { categoryId: novels, name: 'Books' } })
      .then({ type: 'CategoryCreated', data: { categoryId: novels, name: 'Books', parentId: null, ancestors: [] } });
  });

  test('is refused under a parent that is not there, or no longer', () => {
    const under = { type: 'CreateCategory', data: { categoryId: novels, name: 'Novels', parentId: books } } as const;
    given()
      .when(under)
      .then(rejected('ParentCategoryNotFound', { parentId: books }));
    given(aCategory(books, 'Books'), deleted(books, 'Books')).when(under).then(rejected('ParentCategoryNotFound'));
  });

  test('is refused at an eleventh level', () => {
    const chain = nested(10);
    given(...chain.categories)
      .when({ type: 'CreateCategory', data: { categoryId: unknown, name: 'Too deep', parentId: chain.ids[9] ?? '' } })
      .then(rejected('CategoryTooDeep', { depth: 11 }));
  });

  test('is refused at an eleventh level that a move of an ancestor made', () => {
    const chain = nested(9);
    const [top = ''] = chain.ids;
    given(...chain.categories, aCategory(coffee, 'Coffee'), moved(top, coffee, null, [coffee]))
      .when({ type: 'CreateCategory', data: { categoryId: unknown, name: 'Too deep', parentId: chain.ids[8] ?? '' } })
      .then(rejected('CategoryTooDeep', { depth: 11 }));
  });

  test.each(['', '   ', 'x'.repeat(81), 'a\u0007b', 'a\nb', 'a\ud800', '\u200b', 'ﷺ'.repeat(80)])('is invalid with the name %j', (name) => {
    given()
      .when({ type: 'CreateCategory', data: { categoryId: books, name } })
      .then(invalid('name'));
  });
});

describe('renaming a category', () => {
  test('records the old name as well', () => {
    given(aCategory(books, 'Books'))
      .when({ type: 'RenameCategory', data: { categoryId: books, name: 'Reading' } })
      .then({ type: 'CategoryRenamed', data: { categoryId: books, name: 'Reading', previousName: 'Books' } });
  });

  test('may change the capitals of its own name', () => {
    given(aCategory(books, 'books'))
      .when({ type: 'RenameCategory', data: { categoryId: books, name: 'Books' } })
      .then({ type: 'CategoryRenamed', data: { categoryId: books, name: 'Books', previousName: 'books' } });
  });

  test('to the same name does nothing', () => {
    given(aCategory(books, 'Books'))
      .when({ type: 'RenameCategory', data: { categoryId: books, name: 'Books' } })
      .then(nothing);
  });

  test('is refused if another has the name', () => {
    given(aCategory(books, 'Books'), aCategory(coffee, 'Coffee'))
      .when({ type: 'RenameCategory', data: { categoryId: coffee, name: 'BOOKS' } })
      .then(rejected('CategoryNameTaken'));
  });

  test('is refused for a category that is not there', () => {
    given()
      .when({ type: 'RenameCategory', data: { categoryId: books, name: 'Books' } })
      .then(rejected('CategoryNotFound'));
  });
});

describe('moving a category', () => {
  test('puts it under another parent', () => {
    given(aCategory(books, 'Books'), aCategory(novels, 'Novels'))
      .when({ type: 'MoveCategory', data: { categoryId: novels, parentId: books } })
      .then(...moved(novels, books, null, [books]).events);
  });

  test('puts it at the root', () => {
    given(aCategory(books, 'Books'), aCategory(novels, 'Novels', [books]))
      .when({ type: 'MoveCategory', data: { categoryId: novels, parentId: null } })
      .then(...moved(novels, null, books, []).events);
  });

  test('to where it is does nothing', () => {
    given(aCategory(books, 'Books'), aCategory(novels, 'Novels', [books]))
      .when({ type: 'MoveCategory', data: { categoryId: novels, parentId: books } })
      .then(nothing);
  });

  test('under itself or what is below it is refused', () => {
    const tree = [aCategory(books, 'Books'), aCategory(novels, 'Novels', [books]), aCategory(coffee, 'Crime', [novels, books])];
    for (const parentId of [books, novels, coffee]) {
      given(...tree)
        .when({ type: 'MoveCategory', data: { categoryId: books, parentId } })
        .then(rejected('CategoryCycle'));
    }
  });

  test('under a parent that is not there, or no longer, is refused', () => {
    const move = { type: 'MoveCategory', data: { categoryId: novels, parentId: books } } as const;
    given(aCategory(novels, 'Novels')).when(move).then(rejected('ParentCategoryNotFound'));
    given(aCategory(novels, 'Novels'), aCategory(books, 'Books'), deleted(books, 'Books'))
      .when(move)
      .then(rejected('ParentCategoryNotFound'));
  });

  test('is refused when what is below it would end up too deep', () => {
    const chain = nested(9);
    given(...chain.categories, aCategory(books, 'Books'), aCategory(novels, 'Novels', [books]))
      .when({ type: 'MoveCategory', data: { categoryId: books, parentId: chain.ids[8] ?? '' } })
      .then(rejected('CategoryTooDeep', { depth: 11 }));
  });

  test('is refused for a category that is not there', () => {
    given()
      .when({ type: 'MoveCategory', data: { categoryId: books, parentId: null } })
      .then(rejected('CategoryNotFound'));
  });
});

describe('deleting a category', () => {
  const deletion = { type: 'DeleteCategory', data: { categoryId: books } } as const;

  test('removes it', () => {
    given(aCategory(books, 'Books'))
      .when(deletion)
      .then(...deleted(books, 'Books').events);
  });

  test('is refused while it has child categories', () => {
    given(aCategory(books, 'Books'), aCategory(novels, 'Novels', [books]))
      .when(deletion)
      .then(rejected('CategoryHasChildren', { children: 1 }));
  });

  test('is refused for a child that was moved in, and not for one that was moved out or deleted', () => {
    const [parent, child] = [aCategory(books, 'Books'), aCategory(novels, 'Novels')];
    const into = moved(novels, books, null, [books]);
    given(parent, child, into).when(deletion).then(rejected('CategoryHasChildren'));
    given(parent, child, into, moved(novels, null, books, []))
      .when(deletion)
      .then(...deleted(books, 'Books').events);
    given(parent, aCategory(novels, 'Novels', [books]), deleted(novels, 'Novels', books))
      .when(deletion)
      .then(...deleted(books, 'Books').events);
  });

  test('is refused while it has products on sale', () => {
    const withProduct = [aCategory(books, 'Books'), aProduct(beans, 'Atlas', undefined, books)];
    given(...withProduct)
      .when(deletion)
      .then(rejected('CategoryHasProducts', { products: 1 }));
    given(...withProduct, discontinued(beans, books))
      .when(deletion)
      .then(...deleted(books, 'Books').events);
  });

  test('is refused for a category that is not there, or no longer', () => {
    given().when(deletion).then(rejected('CategoryNotFound'));
    given(aCategory(books, 'Books'), deleted(books, 'Books')).when(deletion).then(rejected('CategoryNotFound'));
  });
});

function moved(categoryId: string, parentId: string | null, previousParentId: string | null, ancestors: readonly string[]) {
  const events = [{ type: 'CategoryMoved', data: { categoryId, parentId, previousParentId, ancestors: [...ancestors] } }] as const;
  return { ...on(category, categoryId, ...events), events };
}

function renamed(categoryId: string, previousName: string, name: string) {
  return on(category, categoryId, { type: 'CategoryRenamed', data: { categoryId, name, previousName } });
}

function deleted(categoryId: string, name: string, parentId: string | null = null) {
  const events = [{ type: 'CategoryDeleted', data: { categoryId, name, parentId } }] as const;
  return { ...on(category, categoryId, ...events), events };
}

/** Categories each under the one before, from the root down. */
function nested(levels: number) {
  const ids = Array.from({ length: levels }, (_, level) => `00000000-0000-4000-8000-00000000000${level}`);
  return { ids, categories: ids.map((id, level) => aCategory(id, `Level ${level}`, ids.slice(0, level).reverse())) };
}
