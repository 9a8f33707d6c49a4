import type { Action } from '../shopper/actions.ts';

export interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const card = 'id name price { formatted } stock { available }';
const summary = 'id status itemCount total { formatted } placedAt';
const pageSize = 24;

/** The request with which a shopper does something. */
export function requestOf(action: Action): GraphqlRequest {
  switch (action.kind) {
    case 'categories':
      return { query: '{ categoryTree { id name parentId productCount depth } }', variables: {} };
    case 'list': {
      const { categoryId, sort } = action;
      const filter = categoryId === undefined ? {} : { categoryId, includeSubcategories: true };
      return { query: products, variables: { filter, sort } };
    }
    case 'search':
      return { query: products, variables: { filter: { search: action.words }, sort: 'NAME' } };
    case 'product':
      return {
        query: `query ($id: UUID!) { product(id: $id) { ${card} description categoryName discontinued } }`,
        variables: { id: action.productId },
      };
    case 'register': {
      const { customerId, name, email } = action;
      return {
        query: 'mutation ($input: RegisterCustomerInput!) { registerCustomer(input: $input) { position } }',
        variables: { input: { customerId, name, email } },
      };
    }
    case 'order': {
      const { orderId, customerId, items, paymentToken } = action;
      return {
        query: 'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { position } }',
        variables: { input: { orderId, customerId, items, paymentToken } },
      };
    }
    case 'cancel': {
      const { orderId, reason } = action;
      return {
        query: 'mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { position } }',
        variables: { input: { orderId, reason } },
      };
    }
    case 'follow':
      return {
        query: `query ($id: UUID!) { order(id: $id) { ${summary} reason lines { name quantity lineTotal { formatted } } } }`,
        variables: { id: action.orderId },
      };
    case 'history':
      return {
        query: `query ($id: UUID!) { ordersByCustomer(customerId: $id, first: 10) { nodes { ${summary} } pageInfo { hasNextPage } } }`,
        variables: { id: action.customerId },
      };
    default:
      return action satisfies never;
  }
}

const products = `query ($filter: ProductFilter, $sort: ProductSort) {
  products(first: ${pageSize}, filter: $filter, sort: $sort) { nodes { ${card} } pageInfo { hasNextPage endCursor } }
}`;
