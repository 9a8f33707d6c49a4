import type { Books } from './books.ts';
import type { Operation, Outcome } from './operations.ts';

const decliningToken = /^decline-(\w+)$/;

/** What an operation leads to as the books stand. `newId` is for what it may create. */
export function decide(books: Pick<Books, 'entry' | 'payment' | 'isBarred'>, key: string, operation: Operation, newId: string): Outcome {
  switch (operation.name) {
    case 'authorise': {
      const code = books.isBarred(key) ? 'Voided' : decliningToken.exec(operation.request.token)?.[1];
      return code === undefined ? { outcome: 'authorised', paymentId: newId } : declined(code);
    }
    case 'capture':
      return capture(books, operation.request.paymentId);
    case 'void':
      return voidAuthorisation(books, operation.request.authorisationKey);
    case 'refund':
      return refund(books, operation.request.paymentId);
    case 'arrange':
      return books.isBarred(key) ? declined('Cancelled') : { outcome: 'arranged', shipmentId: newId, trackingCode: trackingCode(newId) };
    case 'cancel':
      return cancelArrangement(books, operation.request.arrangementKey);
    default:
      return operation satisfies never;
  }
}

export function declined(code: string): Outcome {
  return { outcome: 'declined', code };
}

function capture(books: Pick<Books, 'payment'>, paymentId: string): Outcome {
  const status = books.payment(paymentId);
  switch (status) {
    case 'authorised':
      return { outcome: 'captured', paymentId };
    case 'captured':
    case 'refunded':
      return declined('AlreadyCaptured');
    case 'voided':
      return declined('Voided');
    case undefined:
      return declined('UnknownPayment');
    default:
      return status satisfies never;
  }
}

function refund(books: Pick<Books, 'payment'>, paymentId: string): Outcome {
  const status = books.payment(paymentId);
  switch (status) {
    case 'captured':
      return { outcome: 'refunded', paymentId };
    case 'refunded':
      return declined('AlreadyRefunded');
    case 'authorised':
    case 'voided':
      return declined('NotCaptured');
    case undefined:
      return declined('UnknownPayment');
    default:
      return status satisfies never;
  }
}

function voidAuthorisation(books: Pick<Books, 'entry' | 'payment'>, key: string): Outcome {
  const authorisation = books.entry(key);
  if (authorisation === undefined) return { outcome: 'voided' };
  if (authorisation.name !== 'authorise') return declined('NoAuthorisation');
  if (authorisation.outcome.outcome === 'declined') return { outcome: 'voided' };
  const { paymentId } = authorisation.outcome;
  const status = books.payment(paymentId);
  return status === 'captured' || status === 'refunded' ? declined('AlreadyCaptured') : { outcome: 'voided', paymentId };
}

function cancelArrangement(books: Pick<Books, 'entry'>, key: string): Outcome {
  const arrangement = books.entry(key);
  if (arrangement === undefined) return { outcome: 'cancelled' };
  if (arrangement.name !== 'arrange') return declined('NoArrangement');
  return arrangement.outcome.outcome === 'declined'
    ? { outcome: 'cancelled' }
    : { outcome: 'cancelled', shipmentId: arrangement.outcome.shipmentId };
}

function trackingCode(shipmentId: string): string {
  return `KR${shipmentId.replaceAll('-', '').slice(-12).toUpperCase()}`;
}
