/** Whatever the usual variables of AWS name; `main.ts` leaves this out, and says so, when they name nothing. */
import { describeAws } from './aws.ts';
import { namedEndpoints } from './endpoints.ts';

const named = namedEndpoints();
describeAws([...new Set(Object.values(named))].join(' and '), async () => ({ options: {} }), {
  services: (['dynamodb', 's3'] as const).filter((service) => named[service] !== undefined),
});
