import { type JsonObject, type Rejection, reject } from '@kiroku/core';

/** Every business no of the shop, with its meaning. The codes are stable: clients act on them. */
export const rejections = {
  CategoryCycle: 'A category would become its own ancestor.',
  CategoryExists: 'The category id is in use, or was.',
  CategoryHasChildren: 'A category with child categories cannot be deleted.',
  CategoryHasProducts: 'A category with products cannot be deleted.',
  CategoryNameTaken: 'Another category has this name.',
  CategoryNotFound: 'There is no such category.',
  CategoryTooDeep: 'Categories may be nested at most 10 deep.',
  CurrencyMixed: 'The products of an order must be priced in one currency.',
  CustomerExists: 'The customer id is in use.',
  CustomerNotFound: 'There is no such customer.',
  EmailTaken: 'Another customer has this e-mail address.',
  InsufficientStock: 'There is less in stock than is wanted.',
  NotOrdered: 'The order has no line with this product and quantity.',
  OrderAlreadyCancelled: 'The order has been cancelled.',
  OrderAlreadyConfirmed: 'The order has been confirmed.',
  OrderExists: 'The order id is in use.',
  OrderNotFound: 'There is no such order.',
  ParentCategoryNotFound: 'There is no such parent category.',
  PaymentInProgress: 'The payment service is being asked; the payment cannot be given back before it has answered.',
  PaymentMissing: 'An order can be confirmed only when it is paid for.',
  PaymentNotOpen: 'The payment was declined or given up, or is not there to be taken.',
  PriceUnchanged: 'The product has this price already.',
  ProductExists: 'The product id is in use.',
  ProductHasStock: 'A product with stock on hand cannot be discontinued.',
  ProductIsDiscontinued: 'The product is no longer sold.',
  ProductNotFound: 'There is no such product.',
  QuantityTooLarge: 'More than 999 pieces of one product in an order.',
  ShipmentNotOpen: 'The shipment was declined or given up.',
  StockBelowReserved: 'Stock cannot fall below what is reserved for orders.',
  StockNotReserved: 'An order can be confirmed only when all its lines are reserved.',
  StockTooLarge: 'Stock on hand would exceed 1,000,000,000 pieces.',
  TotalTooLarge: 'The total of the order is larger than can be counted.',
} as const satisfies Record<string, string>;

export type RejectionCode = keyof typeof rejections;

/** Refuses a command with one of the shop's codes. `details` are what a program may need. */
export function refuse(code: RejectionCode, message: string, details: JsonObject = {}): Rejection<RejectionCode> {
  return reject(code, message, details);
}

/** Is it this code of the shop's? */
export function is(code: string, expected: RejectionCode): boolean {
  return code === expected;
}
