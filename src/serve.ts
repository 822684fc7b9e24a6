import 'reflect-metadata';
import { configSlices } from './app.config.js';
import { AppModule } from './app.module.js';
import { loadConfigOrExit } from './platform/config/load-config-or-exit.js';
import { createApp } from './platform/http/create-app.js';
import { HttpConfig } from './platform/http/http.config.js';
import { stopOnSignals } from './platform/lifecycle/stop-on-signals.js';

const config = loadConfigOrExit(configSlices);
const http = config.get(HttpConfig);

try {
  const app = await createApp(AppModule.register(config), http);
  stopOnSignals(app, http);
  await app.listen(http.port, http.host);
} catch (error) {
  console.error('Minnow could not start:', error);
  process.exit(1);
}
