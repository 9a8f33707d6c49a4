// The shop with its services as they are built, module by module, so that src/without-observation.ts can put others in their places.
import shop from '../kiroku.config.ts';

const services = shop.services.map((service) => ({ ...service, entry: `../${service.entry.replace('/bundle/', '/dist/')}` }));

export default { ...shop, services };
