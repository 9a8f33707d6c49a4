export { defineConfig, type KirokuConfig, type ServiceConfig, type ServiceUrls } from './define-config.ts';
