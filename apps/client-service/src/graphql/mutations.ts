import type { LogPosition } from '@kiroku/core';
import { parse, v5 as uuidv5, v7 as uuidv7, version } from 'uuid';
import type { CommandData, CommandType } from '../upstream/services.ts';
import type { GatewayContext } from './context.ts';
import { fromMoneyInput, type MoneyInput } from './money-input.ts';

type IdField = 'categoryId' | 'productId' | 'customerId' | 'orderId';

interface Input {
  readonly commandId?: string | null;
  readonly price?: MoneyInput;
  readonly [field: string]: unknown;
}

/** What a mutation answers; nested fields are read at its position. */
export interface Payload {
  readonly commandId: string;
  readonly position: LogPosition;
  readonly duplicate: boolean;
  readonly id: string;
}

/** A resolver that sends a command. Its input has the command's fields: money as text, and the id may be absent where something is made. */
function sends(type: CommandType, idField: IdField) {
  return async (_: unknown, { input }: { readonly input: Input }, { services, request, session }: GatewayContext): Promise<Payload> => {
    const commandId = input.commandId ?? uuidv7();
    const id = idOf(input, idField, commandId);
    const data = { ...fieldsOf(input), [idField]: id };
    const { position, duplicate } = await services.command(type, data as CommandData<CommandType>, { commandId, context: request }); // checked by the service
    session.wrote(position);
    return { commandId, position, duplicate, id };
  };
}

/**
 * Made from the command's id, so that a repeated command makes the same thing. Ordered by time if that is (version 7): what comes into being together
 * lies together in every index of the log and of the read models, instead of anywhere in them.
 */
function idOf(input: Input, idField: IdField, commandId: string): string {
  const given = input[idField];
  if (typeof given === 'string') return given;
  if (version(commandId) !== 7) return uuidv5(idField, commandId);
  const msecs = Buffer.from(parse(commandId)).readUIntBE(0, 6);
  return uuidv7({ msecs, random: uuidv5(idField, commandId, new Uint8Array(16)) });
}

function fieldsOf({ price, ...fields }: Input): Record<string, unknown> {
  const given = Object.entries(fields).filter(([name, value]) => name !== 'commandId' && value !== null && value !== undefined);
  return { ...Object.fromEntries(given), ...(price !== undefined && { price: fromMoneyInput(price, 'input.price.amount') }) };
}

/** Resolvers of the mutations: each is one command. */
export const mutations = {
  createCategory: sends('CreateCategory', 'categoryId'),
  renameCategory: sends('RenameCategory', 'categoryId'),
  moveCategory: sends('MoveCategory', 'categoryId'),
  deleteCategory: sends('DeleteCategory', 'categoryId'),
  addProduct: sends('AddProduct', 'productId'),
  renameProduct: sends('RenameProduct', 'productId'),
  describeProduct: sends('DescribeProduct', 'productId'),
  changeProductPrice: sends('ChangeProductPrice', 'productId'),
  recategoriseProduct: sends('RecategoriseProduct', 'productId'),
  discontinueProduct: sends('DiscontinueProduct', 'productId'),
  receiveStock: sends('ReceiveStock', 'productId'),
  adjustStock: sends('AdjustStock', 'productId'),
  registerCustomer: sends('RegisterCustomer', 'customerId'),
  changeCustomerDetails: sends('ChangeCustomerDetails', 'customerId'),
  placeOrder: sends('PlaceOrder', 'orderId'),
  cancelOrder: sends('CancelOrder', 'orderId'),
};
