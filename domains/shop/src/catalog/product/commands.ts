import { command, readAggregate } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../../identity.ts';
import { stockState } from '../../inventory/evolve.ts';
import { price } from '../../money/money.ts';
import { line, paragraph } from '../../text.ts';
import { categoryState } from '../category/evolve.ts';

const target = (data: { readonly productId: string }) => data.productId;

export const productCommands = {
  AddProduct: command({
    description: 'Adds a product to a category of the catalogue.',
    schema: z.strictObject({ productId: id, name: line(120), description: paragraph(4000).default(''), price, categoryId: id }),
    target,
    creates: true,
    reads: (data) => ({ category: readAggregate(categoryState, data.categoryId) }),
  }),
  RenameProduct: command({
    description: 'Gives a product another name.',
    schema: z.strictObject({ productId: id, name: line(120) }),
    target,
  }),
  DescribeProduct: command({
    description: 'Replaces the description of a product.',
    schema: z.strictObject({ productId: id, description: paragraph(4000) }),
    target,
  }),
  ChangeProductPrice: command({
    description: 'Sets another price. Orders already placed keep the price they were placed at.',
    schema: z.strictObject({ productId: id, price }),
    target,
  }),
  RecategoriseProduct: command({
    description: 'Puts a product into another category.',
    schema: z.strictObject({ productId: id, categoryId: id }),
    target,
    reads: (data) => ({ category: readAggregate(categoryState, data.categoryId) }),
  }),
  DiscontinueProduct: command({
    description: 'Takes a product off sale for good. There may be none of it on hand.',
    schema: z.strictObject({ productId: id }),
    target,
    reads: (data) => ({ stock: readAggregate(stockState, data.productId) }),
  }),
};
