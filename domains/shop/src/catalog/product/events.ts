import { defineEvents } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../../identity.ts';
import { price } from '../../money/money.ts';
import { line, paragraph } from '../../text.ts';
import { productTag } from '../category/tags.ts';

export const productEvents = defineEvents({
  ProductAdded: {
    schema: z.strictObject({ productId: id, name: line(120), description: paragraph(4000), price, categoryId: id }),
    tags: (data) => [productTag(data.categoryId)],
  },
  ProductRenamed: { schema: z.strictObject({ productId: id, name: line(120), previousName: line(120) }) },
  ProductDescribed: { schema: z.strictObject({ productId: id, description: paragraph(4000) }) },
  ProductPriceChanged: { schema: z.strictObject({ productId: id, price, previousPrice: price }) },
  ProductRecategorised: {
    schema: z.strictObject({ productId: id, categoryId: id, previousCategoryId: id }),
    tags: (data) => [productTag(data.categoryId), productTag(data.previousCategoryId)],
  },
  ProductDiscontinued: {
    schema: z.strictObject({ productId: id, categoryId: id }),
    tags: (data) => [productTag(data.categoryId)],
  },
});
