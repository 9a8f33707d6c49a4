/** Which fields of which events say something about a person, and whose they are. What protects them reads it here. */
export const personalFields = {
  CustomerRegistered: { subject: 'customerId', fields: ['name', 'email'] },
  CustomerDetailsChanged: { subject: 'customerId', fields: ['name', 'email', 'previousEmail'] },
} as const;
