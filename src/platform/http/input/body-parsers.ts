import type { RawServerDefault } from 'fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { addPictureParser } from './picture-body.js';

/** The API speaks JSON, and takes pictures where it says so: plain text, which Fastify would take too, is answered 415. */
export function addBodyParsers(app: NestFastifyApplication, bodyLimit: number): void {
  const server = app.getHttpAdapter().getInstance();
  server.removeContentTypeParser('text/plain');
  addPictureParser(server, bodyLimit);
  const parse = server.getDefaultJsonParser('error', 'error');
  app.useBodyParser<RawServerDefault>('application/json', { bodyLimit }, (request, body, done) => {
    // wx.request says JSON also where it sends no body at all.
    if (body.length === 0) return done(null, undefined);
    return parse(request, body.toString('utf8'), done);
  });
}
